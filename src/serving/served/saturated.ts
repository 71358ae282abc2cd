import { bestCaseCluster } from "../../core/even-cluster.js";
import type { ChainBatching, EngineOverhead } from "../../engines/engine.js";
import { machineOf, type Cluster, type Machine } from "../../core/cluster.js";
import type { Curve } from "../../core/capacity.js";
import { truncatedSumBound } from "../../planner/coverings/compute-bounds.js";
import { groupMachines } from "../../planner/problem/machine-classes.js";
import type { PlacementConstraints } from "../../planner/problem/problem.js";
import { decodeBatchRequests, kvCapacityTokens } from "../routing/node-limits.js";
import { createFusedLayerTime } from "../simulate/chains/fused-step.js";

/** Means of the requests, tokens. */
export interface MeanRequest {
  readonly meanPromptTokens: number;
  readonly meanOutputTokens: number;
}

/** How the engine of the chains works. */
interface ChainEngine {
  readonly batching: ChainBatching;
  readonly overhead: EngineOverhead;
}

/**
 * An upper bound on the decode tokens/s that any chains of the cluster serve under the engine: every node
 * at its saturated rate, the layers covered by the truncated compute sum, decodes their share of the
 * tokens. Network and depth are left out, so it is valid and not always near.
 */
export function boundServed(
  cluster: Cluster,
  constraints: PlacementConstraints,
  engine: ChainEngine,
  request: MeanRequest,
): number {
  const best = bestCaseCluster(cluster);
  const machines = best.machines.map((machine, index): Machine => {
    const node = cluster.nodes.findIndex((one) => one.machine === index);
    if (node < 0) return machine;
    const tokensPerSecond = machine.capacity.tokensPerSecond.map((_, at) =>
      saturatedRate(best, node, at + 1, engine, request),
    );
    return { ...machine, capacity: { ...machine.capacity, tokensPerSecond } };
  });
  const classes = groupMachines({ ...cluster, machines }, constraints);
  const { meanPromptTokens, meanOutputTokens } = request;
  const share = meanOutputTokens / (meanPromptTokens + meanOutputTokens);
  return share * truncatedSumBound(classes, cluster.model.layers);
}

/**
 * The most tokens/s, prompt and output, of requests of these means that a node with k layers passes under
 * the engine's step rule, over all mixes of batches: by duality, the largest price α r + β of a request's
 * prompt tokens (r for each output token) and of an output token such that no batch is worth more than
 * its time. Only where curves bend can a batch be the dearest, so only those are looked at. It does not depend on
 * other machines. O(bends² · 60).
 * @throws InputError when the machine has no timing curves.
 */
export function saturatedRate(
  cluster: Cluster,
  node: number,
  layers: number,
  { batching, overhead }: ChainEngine,
  { meanPromptTokens, meanOutputTokens }: MeanRequest,
): number {
  const { capacity } = machineOf(cluster, node);
  const perLayer = createFusedLayerTime(cluster, node, overhead.layerSeconds);
  const seconds = (prompts: number, decodes: number): number =>
    layers * perLayer(prompts, decodes) + overhead.stepSeconds;
  const budget = batching.batchTokens;
  const context = meanPromptTokens + meanOutputTokens / 2;
  const mostDecodes = Math.max(
    1,
    Math.min(
      budget,
      decodeBatchRequests(capacity, layers),
      kvCapacityTokens(capacity, layers) / context,
      // All requests of a chain may be in one batch.
      batching.maxSequences * cluster.model.layers,
    ),
  );
  const { promptSeconds = [], decodeSeconds = [] } = capacity.curves ?? {};
  const totals = bends([promptSeconds], budget);
  const decodeBends = bends([promptSeconds, decodeSeconds], mostDecodes);
  const counts = [...decodeBends, ...crossings(decodeBends, promptSeconds, decodeSeconds)];
  const batches = counts.flatMap((decodes) =>
    [decodes, ...totals.filter((total) => total > decodes)].map((total) => ({
      prompts: total - decodes,
      decodes,
      seconds: seconds(total - decodes, decodes),
    })),
  );
  const promptsAlone = Math.min(...totals.map((total) => seconds(total, 0) / total));
  const price = (prompt: number): number =>
    Math.min(...batches.map((one) => (one.seconds - prompt * one.prompts) / one.decodes));
  const ratio = meanPromptTokens / meanOutputTokens;
  const secondsPerOutput = maximise((prompt) => prompt * ratio + price(prompt), promptsAlone);
  return (1 + ratio) / secondsPerOutput;
}

/** Where curves bend, and whole numbers around, from 1 up to `most`, that included. */
function bends(curves: readonly Curve[], most: number): readonly number[] {
  const inside = curves.flatMap((curve) => curve.map(([x]) => x)).filter((x) => x >= 1 && x < most);
  return [...new Set([1, ...inside, most])].toSorted((a, b) => a - b);
}

/** Between neighbouring bends, where two curves cross. */
function crossings(points: readonly number[], a: Curve, b: Curve): readonly number[] {
  return points.slice(1).flatMap((right, at) => {
    const left = points[at]!;
    const [before, after] = [left, right].map((x) => valueAt(a, x) - valueAt(b, x)) as [
      number,
      number,
    ];
    if (before * after >= 0) return [];
    return [left + ((right - left) * before) / (before - after)];
  });
}

function valueAt(curve: Curve, x: number): number {
  const next = curve.findIndex(([at]) => at >= x);
  if (next === 0) return (curve[0]![1] * x) / curve[0]![0];
  const [right, left] =
    next < 0 ? [curve.at(-1)!, curve.at(-2) ?? [0, 0]] : [curve[next]!, curve[next - 1]!];
  return left[1] + ((right[1] - left[1]) * (x - left[0])) / (right[0] - left[0]);
}

const STEPS = 60;
/** Prices are found to a part in 10^9; the bound is rounded outwards by more. */
const OUTWARDS = 1 - 1e-6;

/** The maximum of a concave function on [0, end], by thirds, from below. */
function maximise(value: (at: number) => number, end: number): number {
  let [low, high] = [0, end];
  for (let step = 0; step < STEPS; step += 1) {
    const third = (high - low) / 3;
    if (value(low + third) < value(high - third)) low += third;
    else high -= third;
  }
  return Math.max(value(low), value(high), value((low + high) / 2)) * OUTWARDS;
}

import type { Curve, Curves } from "../core/capacity.js";
import type { Workload } from "../core/model.js";
import type { BatchingRule, ChainBatching, Engine } from "./engine.js";
import { createFusedLayerTime } from "./fused-step.js";
import { createLayerTime } from "./timing.js";

/** What a node holds, as far as its rate depends on it. */
export interface HeldLayers {
  readonly layers: number;
  /** Seconds of these layers over those of the mean one: their number where layers do not differ. */
  readonly work: number;
  /** Most decodes in one batch. */
  readonly mostDecodes: number;
}

/** Tokens/s, prompt and output, that a node passes at most. */
export type SaturatedRate = (held: HeldLayers) => number;

/**
 * The most tokens/s of the mean request that the engine's step rule lets a node pass, over all mixes of
 * batches: what it does at full load if everything else waits for it. It does not depend on other machines.
 * Where weights are read once for prompts and decodes it is found by duality: the largest price α r + β of a
 * request's prompt tokens (r for each output token) and of an output token such that no batch is worth
 * more than its time. Only where curves bend can a batch be the dearest, so only those are looked at.
 * O(bends² · 60) for each largest batch that differs.
 * @param request means, tokens.
 */
export function createSaturatedRate(
  curves: Curves,
  { batching, overhead }: Pick<Engine, "batching" | "overhead">,
  request: Pick<Workload, "promptTokens" | "outputTokens">,
): SaturatedRate {
  const outputSeconds =
    batching.kind === "chain"
      ? fusedSeconds(curves, batching, request)
      : apartSeconds(curves, batching, request);
  const known = new Map<string, number>();
  return ({ layers, work, mostDecodes }) => {
    // Overhead counts as if all time went by as the layers' own: a price for each second of them.
    const fixed = overhead.stepSeconds + layers * overhead.layerSeconds;
    const key = `${mostDecodes} ${fixed === 0 ? 0 : fixed / work}`;
    const unit = known.get(key) ?? outputSeconds(mostDecodes, fixed / work);
    known.set(key, unit);
    return (1 + request.promptTokens / request.outputTokens) / (work * unit);
  };
}

/** Seconds of one mean layer per output token and the prompt tokens that go with it. */
type OutputSeconds = (mostDecodes: number, fixedSeconds: number) => number;

function fusedSeconds(
  { promptSeconds, decodeSeconds }: Curves,
  { batchTokens }: ChainBatching,
  { promptTokens, outputTokens }: Pick<Workload, "promptTokens" | "outputTokens">,
): OutputSeconds {
  const ratio = promptTokens / outputTokens;
  const totals = bends([promptSeconds], batchTokens);
  const perLayer = createFusedLayerTime({ promptSeconds, decodeSeconds }, 0);
  return (mostDecodes, fixed) => {
    const most = Math.max(1, Math.min(batchTokens, mostDecodes));
    const decodeBends = bends([promptSeconds, decodeSeconds], most);
    const counts = [...decodeBends, ...crossings(decodeBends, promptSeconds, decodeSeconds)];
    const batches = counts.flatMap((decodes) =>
      [decodes, ...totals.filter((total) => total > decodes)].map((total) => ({
        prompts: total - decodes,
        decodes,
        seconds: perLayer(total - decodes, decodes) + fixed,
      })),
    );
    const promptsAlone = Math.min(...totals.map((total) => (perLayer(total, 0) + fixed) / total));
    const price = (prompt: number): number =>
      batches.reduce(
        (least, one) => Math.min(least, (one.seconds - prompt * one.prompts) / one.decodes),
        Infinity,
      );
    return maximise((prompt) => prompt * ratio + price(prompt), promptsAlone) * OUTWARDS;
  };
}

/** Beyond the end of a curve its last slope goes on: so far that only the slope counts. */
const FAR = 1e9;

/** Where prompts and decodes of a batch take their own time, each is best off in its own best batch. */
function apartSeconds(
  { promptSeconds, decodeSeconds }: Curves,
  batching: Exclude<BatchingRule, ChainBatching>,
  { promptTokens, outputTokens }: Pick<Workload, "promptTokens" | "outputTokens">,
): OutputSeconds {
  const budget = batching.kind === "per-server" ? batching.batchTokens : FAR;
  const best = (curve: Curve, most: number, fixed: number): number => {
    const time = createLayerTime(curve);
    return Math.min(...bends([curve], most).map((size) => (time(size) + fixed) / size));
  };
  return (mostDecodes, fixed) => {
    const decodes = Math.max(1, Math.min(budget, mostDecodes));
    // A batch of both has its overhead once, half for either: any way to share it out is a valid price.
    const each = fixed / 2;
    return (
      ((promptTokens / outputTokens) * best(promptSeconds, budget, each) +
        best(decodeSeconds, decodes, each)) *
      OUTWARDS
    );
  };
}

/** Where curves bend, and whole numbers around, from 1 up to `most`, that included. */
function bends(curves: readonly Curve[], most: number): readonly number[] {
  const inside = curves.flatMap((curve) => curve.map(([x]) => x)).filter((x) => x >= 1 && x < most);
  return [...new Set([1, ...inside, most])].toSorted((a, b) => a - b);
}

/** Between neighbouring bends, where two curves cross. */
function crossings(points: readonly number[], a: Curve, b: Curve): readonly number[] {
  const [timeA, timeB] = [createLayerTime(a), createLayerTime(b)];
  return points.slice(1).flatMap((right, at) => {
    const left = points[at]!;
    const before = timeA(left) - timeB(left);
    const after = timeA(right) - timeB(right);
    if (before * after >= 0) return [];
    return [left + ((right - left) * before) / (before - after)];
  });
}

const STEPS = 60;
/** What is drawn in minutes strays from the means by about a thousandth: the rate is rounded outwards by more. */
const OUTWARDS = 1 - 2e-3;

/** The maximum of a concave function on [0, end], by thirds, from below. */
function maximise(value: (at: number) => number, end: number): number {
  let [low, high] = [0, end];
  for (let step = 0; step < STEPS; step += 1) {
    const third = (high - low) / 3;
    if (value(low + third) < value(high - third)) low += third;
    else high -= third;
  }
  return Math.max(value(low), value(high), value((low + high) / 2));
}

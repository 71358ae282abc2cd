import type { Capacity, Curves, IntervalCapacity } from "../core/capacity.js";
import type { Cluster } from "../core/cluster.js";
import { capacityByInterval } from "../core/interval-capacity.js";
import { meanRequest } from "../model/choose-lengths.js";
import type { Engine } from "./engine.js";
import { decodeBatchRequests, kvCapacityTokens } from "./node-limits.js";
import { keepDegrees } from "./tensor-degree.js";
import { createSaturatedRate, type SaturatedRate } from "./saturated-rate.js";

/**
 * The cluster with T(k) as the engine runs its machines. Machines that are estimated, and measured ones
 * under any engine but Helix, get their saturated rate, which no run exceeds and no other machine changes. T(k)
 * that was given stays, and so does the rule of the Helix paper where the file asks for it, or where Helix
 * runs measured machines. It can be asked again for another engine.
 * Links that the engine cannot use are left out.
 * O(machine types · layers · bends²), where layers differ O(machine types · layers²) beside.
 */
export function ratesUnder(given: Cluster, engine: Engine): Cluster {
  const cluster = keepDegrees(given, engine);
  const saturate = createSaturation(cluster, engine);
  return withCapacities(cluster, (capacity) => {
    const own = asResolved(capacity);
    const saturated =
      cluster.throughputRule === undefined
        ? own.source === "estimated" || (own.source === "measured" && engine.name !== "helix")
        : cluster.throughputRule === "saturated" && own.source !== "given";
    return saturated ? saturate(own) : own;
  });
}

/** The same with the saturated rate of every machine whose timing curves are known, given T(k) or not. */
export function saturatedCluster(cluster: Cluster, engine: Engine): Cluster {
  const saturate = createSaturation(cluster, engine);
  return withCapacities(cluster, (capacity) => saturate(asResolved(capacity)));
}

function withCapacities(cluster: Cluster, change: (capacity: Capacity) => Capacity): Cluster {
  const machines = cluster.machines.map((machine) => {
    const capacity = change(machine.capacity);
    return capacity === machine.capacity ? machine : { ...machine, capacity };
  });
  return machines.every((machine, at) => machine === cluster.machines[at])
    ? cluster
    : { ...cluster, machines };
}

/** With the rates that the file, or the paper's rule in the mix, gives it. */
function asResolved(capacity: Capacity): Capacity {
  if (capacity.inMix === undefined) return capacity;
  const { inMix, ...rest } = capacity;
  return { ...rest, ...inMix };
}

/** The mean request, tokens, and the layers it passes. */
interface WholeRequest {
  readonly layers: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

type Saturation = (own: Capacity) => Capacity;

/** Gives capacities of the cluster's machines their saturated rates; the mean request is drawn once, for the first. */
function createSaturation({ model, workload }: Cluster, engine: Engine): Saturation {
  let request: ReturnType<typeof meanRequest> | undefined;
  return (own) => {
    if (own.curves === undefined) return own;
    request ??= meanRequest(workload);
    return saturate(own, own.curves, { layers: model.layers, ...request }, engine);
  };
}

function saturate(own: Capacity, curves: Curves, whole: WholeRequest, engine: Engine): Capacity {
  const { byInterval, exactEnds, tokensPerSecond } = own;
  const rate = createSaturatedRate(curves, engine, whole);
  const most = (layers: number, fits: Fits): number => mostDecodes(layers, fits, whole, engine);
  const inMix = {
    tokensPerSecond,
    ...(byInterval === undefined ? {} : { byInterval }),
    ...(exactEnds === undefined ? {} : { exactEnds }),
  };
  const renew = (intervals: IntervalCapacity): IntervalCapacity => {
    const tokensPerSecond = ratesByInterval(intervals, rate, (start, at) =>
      most(at + 1, {
        decodes:
          intervals.decodeMaxTokens?.[start]?.[at] ??
          decodeBatchRequests({ ...own, curves }, at + 1),
        kvTokens: intervals.kvCacheTokens[start]![at]!,
      }),
    );
    return { ...intervals, tokensPerSecond };
  };
  if (byInterval !== undefined) return { ...own, ...capacityByInterval(renew(byInterval)), inMix };
  return {
    ...own,
    tokensPerSecond: tokensPerSecond.map((_, at) =>
      rate({
        layers: at + 1,
        work: at + 1,
        mostDecodes: most(at + 1, {
          decodes: decodeBatchRequests(own, at + 1),
          kvTokens: kvCapacityTokens(own, at + 1),
        }),
      }),
    ),
    ...(exactEnds === undefined ? {} : { exactEnds: renew(exactEnds) }),
    inMix,
  };
}

/** What a machine's own limits leave room for in one batch. */
interface Fits {
  readonly decodes: number;
  readonly kvTokens: number;
}

/** Decodes in one batch at most: each holds the KV of its prompt, and all requests of a chain may be in it. */
function mostDecodes(
  layers: number,
  { decodes, kvTokens }: Fits,
  whole: WholeRequest,
  { batching }: Engine,
): number {
  const chain =
    batching.kind === "chain"
      ? batching.maxSequences * (batching.inFlight === "one" ? 1 : whole.layers - layers + 1)
      : Infinity;
  return Math.max(1, Math.min(decodes, kvTokens / whole.promptTokens, chain));
}

/** As T(k), by first layer: with the times of just these layers. More never do better than fewer. */
function ratesByInterval(
  { kvCacheTokens, relativeSeconds }: NonNullable<Capacity["byInterval"]>,
  rate: SaturatedRate,
  most: (start: number, at: number) => number,
): readonly (readonly number[])[] {
  // Of layers that are alike most intervals are the same question.
  const known = new Map<string, number>();
  const rows = kvCacheTokens.map((row, start) => {
    let work = 0;
    return row.map((_, at) => {
      work += relativeSeconds[start + at]!;
      const mostDecodes = most(start, at);
      const key = `${at} ${work} ${mostDecodes}`;
      const found = known.get(key) ?? rate({ layers: at + 1, work, mostDecodes });
      known.set(key, found);
      return found;
    });
  });
  for (let start = rows.length - 1; start >= 0; start -= 1) {
    const row = rows[start]!;
    for (let at = 1; at < row.length; at += 1)
      row[at] = Math.min(row[at]!, row[at - 1]!, rows[start + 1]![at - 1]!);
  }
  return rows;
}

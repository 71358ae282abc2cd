import type { Capacity, IntervalCapacity } from "../../core/capacity.js";
import type { Cluster } from "../../core/cluster.js";
import { boxesOf } from "../../core/parting.js";
import { chooseEngine } from "../../engines/choose-engine.js";
import { kvCapacityTokens } from "../../engines/node-limits.js";
import { ratesUnder } from "../../engines/rates-under.js";

/** Memory for KV caches that every machine of a type gets beside its own. */
export interface MoreKv {
  /** The machine's name in the cluster file. */
  readonly machine: string;
  readonly bytes: number;
}

/**
 * The cluster with more memory for KV caches on every machine of a type: how many layers fit stays as it is, and
 * T(k) is what the engine does with the larger batches. A part of a machine gets its cards' share.
 * O(machine types · layers).
 */
export function withMoreKv(cluster: Cluster, { machine, bytes }: MoreKv): Cluster {
  const shares = sharesOf(cluster);
  const machines = cluster.machines.map((own, at) =>
    isOfType(own.name, machine)
      ? { ...own, capacity: addKv(cluster, own.capacity, bytes * (shares.get(at) ?? 1)) }
      : own,
  );
  return ratesUnder({ ...cluster, machines }, chooseEngine(cluster, {}).engine);
}

/** Whether the engine runs into the memory for KV on machines of a type: elsewhere more of it is worth nothing. */
export function hasKvLimit(cluster: Cluster, machine: string): boolean {
  return (
    cluster.model.kvBytesPerToken > 0 &&
    cluster.machines.some(
      ({ name, capacity }) =>
        isOfType(name, machine) &&
        capacity.maxLayers > 0 &&
        Number.isFinite(kvCapacityTokens(capacity, 1)),
    )
  );
}

/** Parts of a machine are types of their own, named after it. */
function isOfType(name: string, machine: string): boolean {
  return name === machine || name.startsWith(`${machine}/tp`);
}

/** Of its machine's cards, the share that each type of part has. */
function sharesOf(cluster: Cluster): ReadonlyMap<number, number> {
  const shares = new Map<number, number>();
  for (const box of boxesOf(cluster)) {
    if (box.kind === "node") continue;
    for (const { degrees } of box.rows)
      for (const [degree, machine] of degrees) shares.set(machine, degree / box.host.cards);
  }
  return shares;
}

function addKv({ model }: Cluster, capacity: Capacity, bytes: number): Capacity {
  const more = (layers: number): number => Math.floor(bytes / (layers * model.kvBytesPerToken));
  const widen = (intervals: IntervalCapacity): IntervalCapacity => ({
    ...intervals,
    kvCacheTokens: intervals.kvCacheTokens.map((row) =>
      row.map((tokens, at) => tokens + more(at + 1)),
    ),
  });
  const { inMix } = capacity;
  return {
    ...capacity,
    ...widenIntervals(capacity, widen),
    ...(inMix === undefined ? {} : { inMix: { ...inMix, ...widenIntervals(inMix, widen) } }),
    kvCacheTokens: capacity.tokensPerSecond.map(
      (_, at) => kvCapacityTokens(capacity, at + 1) + more(at + 1),
    ),
  };
}

type Intervals = Pick<Capacity, "byInterval" | "exactEnds">;

function widenIntervals(
  { byInterval, exactEnds }: Intervals,
  widen: (intervals: IntervalCapacity) => IntervalCapacity,
): Intervals {
  return {
    ...(byInterval === undefined ? {} : { byInterval: widen(byInterval) }),
    ...(exactEnds === undefined ? {} : { exactEnds: widen(exactEnds) }),
  };
}

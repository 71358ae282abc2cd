import { linkBetween, machineOf, type Cluster } from "../../core/cluster.js";

/** Above so many node pairs, links between two regions are all taken to be as good as the best one. */
const MAX_PAIRS = 250_000;

/**
 * Most tokens/s that `count` senders out of `from` and `receivers` nodes out of `to` can pass on
 * directly, whichever they are. Never too low.
 */
export type CrossingCapacity = (senders: number, receivers: number) => number;

/**
 * The crossing capacity between two disjoint sets of nodes. With a senders and b receivers it is at
 * most Σ over the a best senders of min(NIC, their b best links), and the same from the receivers'
 * side. Undefined where no link leads from the one set to the other.
 * O(pairs · log) once, O(a · b) a call.
 */
export function crossingCapacity(
  cluster: Cluster,
  from: readonly number[],
  to: readonly number[],
): CrossingCapacity | undefined {
  const bytes = cluster.model.activationBytes;
  const carried = (tail: number, head: number): number =>
    (linkBetween(cluster, tail, head)?.bandwidthBytesPerSecond ?? 0) / bytes;
  if (from.length * to.length > MAX_PAIRS) return uniformCrossing(cluster, from, to);
  const rows = from.map((tail) => descending(to.map((head) => carried(tail, head))));
  const columns = to.map((head) => descending(from.map((tail) => carried(tail, head))));
  if (!rows.some((row) => row[0]! > 0)) return undefined;
  const nicOf = (node: number): number => machineOf(cluster, node).nicBytesPerSecond / bytes;
  const sendNics = from.map(nicOf);
  const receiveNics = to.map(nicOf);
  const known = new Map<number, number>();
  return (senders, receivers) => {
    const key = senders * (to.length + 1) + receivers;
    let capacity = known.get(key);
    if (capacity === undefined) {
      capacity = Math.min(
        sumOfBest(rows, sendNics, senders, receivers),
        sumOfBest(columns, receiveNics, receivers, senders),
      );
      known.set(key, capacity);
    }
    return capacity;
  };
}

/** Σ over the `count` best lines of min(limit, their `width` best entries). */
function sumOfBest(
  lines: readonly Float64Array[],
  limits: readonly number[],
  count: number,
  width: number,
): number {
  const sums = lines.map((line, index) => {
    let sum = 0;
    for (let k = 0; k < Math.min(width, line.length); k++) sum += line[k]!;
    return Math.min(sum, limits[index]!);
  });
  const sorted = descending(sums);
  let total = 0;
  for (let k = 0; k < Math.min(count, sorted.length); k++) total += sorted[k]!;
  return total;
}

function uniformCrossing(
  cluster: Cluster,
  from: readonly number[],
  to: readonly number[],
): CrossingCapacity | undefined {
  const bytes = cluster.model.activationBytes;
  const best = bestLink(cluster, from, to) / bytes;
  if (best === 0) return undefined;
  const nicOf = (nodes: readonly number[]): number =>
    nodes.reduce((most, node) => Math.max(most, machineOf(cluster, node).nicBytesPerSecond), 0) /
    bytes;
  const [sendNic, receiveNic] = [nicOf(from), nicOf(to)];
  return (senders, receivers) =>
    Math.min(senders * receivers * best, senders * sendNic, receivers * receiveNic);
}

/** The best bandwidth from one set to the other, classes and exceptions. O(nodes + regions² + exceptions). */
function bestLink(cluster: Cluster, from: readonly number[], to: readonly number[]): number {
  const { byRegion, exceptions } = cluster.network;
  const declared = (nodes: readonly number[]): ReadonlySet<number> =>
    new Set(nodes.map((node) => cluster.nodes[node]!.region));
  let best = 0;
  const heads = declared(to);
  for (const tail of declared(from)) {
    for (const head of heads)
      best = Math.max(best, byRegion[tail]?.[head]?.bandwidthBytesPerSecond ?? 0);
  }
  const toSet = new Set(to);
  for (const tail of from) {
    for (const [head, link] of exceptions.get(tail) ?? []) {
      if (toSet.has(head)) best = Math.max(best, link?.bandwidthBytesPerSecond ?? 0);
    }
  }
  return best;
}

function descending(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort().reverse();
}

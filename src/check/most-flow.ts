import { COORDINATOR, machineOf, type Cluster } from "../core/cluster.js";
import type { LayerInterval } from "../core/placement.js";
import { derivePhysicalLinks } from "./physical-links.js";

/** An arc and, beside it at `index ^ 1`, the way back. */
interface Arcs {
  readonly head: number[];
  readonly room: number[];
  readonly outOf: number[][];
}

/** Two places of a node: before and after what it computes and its NIC let through. */
const PLACES = 2;

/**
 * The most tokens/s through layers held as given, by shortest augmenting paths. Shares no code with the flow algorithms of
 * the planner. Parts of a machine each get its whole NIC here, so where machines have parts it may be too much.
 * O(V·E²) worst case; a few rounds in practice.
 */
export function findMostFlow(
  cluster: Cluster,
  intervals: readonly (LayerInterval | null)[],
  rates: Float64Array,
  partialInference: boolean,
): number {
  const links = derivePhysicalLinks(cluster, intervals, { partialInference });
  const count = intervals.length;
  const sender = PLACES * count;
  const receiver = sender + 1;
  const source = sender + 2;
  const arcs: Arcs = {
    head: [],
    room: [],
    outOf: Array.from({ length: source + 1 }, () => []),
  };
  const nic = cluster.coordinator.nicBytesPerSecond / cluster.model.tokenBytes;
  // What leaves the coordinator comes back to it, so its NIC is one arc.
  addArc(arcs, source, sender, nic);
  intervals.forEach((interval, node) => {
    if (interval === null) return;
    const host = cluster.nodes[node]!.part?.host;
    const bytes =
      host === undefined
        ? machineOf(cluster, node).nicBytesPerSecond
        : cluster.hosts![host]!.nicBytesPerSecond;
    const outside = host === undefined ? Math.max(links.inBytes[node]!, links.outBytes[node]!) : 0;
    const wide = outside === 0 ? Infinity : bytes / outside;
    addArc(arcs, PLACES * node, PLACES * node + 1, Math.min(rates[node]!, wide));
  });
  for (const [from, row] of links.outOf)
    for (const { to, capacity } of row)
      addArc(
        arcs,
        from === COORDINATOR ? sender : PLACES * from + 1,
        to === COORDINATOR ? receiver : PLACES * to,
        capacity,
      );
  let total = 0;
  for (let path = findPath(arcs, source, receiver); path.length > 0;) {
    const amount = path.reduce((least, arc) => Math.min(least, arcs.room[arc]!), Infinity);
    if (amount === Infinity) return Infinity;
    for (const arc of path) {
      arcs.room[arc]! -= amount;
      arcs.room[arc ^ 1]! += amount;
    }
    total += amount;
    path = findPath(arcs, source, receiver);
  }
  return total;
}

function addArc({ head, room, outOf }: Arcs, from: number, to: number, capacity: number): void {
  outOf[from]!.push(head.length);
  head.push(to);
  room.push(capacity);
  outOf[to]!.push(head.length);
  head.push(from);
  room.push(0);
}

/** A path of fewest arcs with room, or none. */
function findPath({ head, room, outOf }: Arcs, source: number, sink: number): readonly number[] {
  const by = new Int32Array(outOf.length).fill(-1);
  const queue = [source];
  for (const vertex of queue) {
    for (const arc of outOf[vertex]!) {
      const next = head[arc]!;
      if (next === source || by[next] !== -1 || room[arc]! <= 1e-9) continue;
      by[next] = arc;
      queue.push(next);
      if (next !== sink) continue;
      const path: number[] = [];
      for (let at = sink; at !== source; at = head[by[at]! ^ 1]!) path.unshift(by[at]!);
      return path;
    }
  }
  return [];
}

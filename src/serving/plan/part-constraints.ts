import type { Cluster } from "../../core/cluster.js";
import { partitionOf, type Partition } from "../../core/parting.js";
import type { LayerInterval } from "../../core/placement.js";
import type { PlacementConstraints } from "../../planner/problem/problem.js";

/**
 * Constraints name nodes of one partition; here those of another: what is said of all parts of a machine
 * holds for all its parts, what is said of some holds where machines are parted as they were.
 */
export function partConstraints(
  before: Cluster,
  after: Cluster,
  constraints: PlacementConstraints,
): PlacementConstraints {
  const indexOf = new Map(after.nodes.map(({ id }, node) => [id, node]));
  const inHost = after.hosts?.map(() => [] as number[]) ?? [];
  after.nodes.forEach(({ part }, node) => {
    if (part !== undefined) inHost[part.host]!.push(node);
  });
  const whole = listWhollyDrained(before, constraints.drained);
  const drained = new Set(
    [...constraints.drained].flatMap((node) => {
      const { id, part } = before.nodes[node]!;
      if (part !== undefined && whole.has(part.host)) return inHost[part.host]!;
      return indexOf.get(id) ?? [];
    }),
  );
  const pins = new Map<number, LayerInterval>();
  for (const [node, interval] of constraints.pins) {
    const there = indexOf.get(before.nodes[node]!.id);
    if (there !== undefined) pins.set(there, interval);
  }
  return { ...constraints, drained, pins };
}

/** Leaves machines as they are parted where constraints speak of some of their parts. */
export function keepParts(
  cluster: Cluster,
  constraints: PlacementConstraints | undefined,
): (partition: Partition) => Partition {
  if (constraints === undefined || cluster.parting === undefined) return (partition) => partition;
  const whole = listWhollyDrained(cluster, constraints.drained);
  const named = new Set(
    [...constraints.drained, ...constraints.pins.keys()].flatMap((node) => {
      const host = cluster.nodes[node]!.part?.host;
      return host === undefined || whole.has(host) ? [] : [host];
    }),
  );
  const now = partitionOf(cluster);
  let host = 0;
  const hostOfBox = cluster.parting.boxes.map((box) => (box.kind === "node" ? -1 : host++));
  return (partition) =>
    partition.map((rows, box) => (named.has(hostOfBox[box]!) ? now[box]! : rows));
}

function listWhollyDrained(cluster: Cluster, drained: ReadonlySet<number>): ReadonlySet<number> {
  const all = new Set(cluster.hosts?.keys());
  cluster.nodes.forEach(({ part }, node) => {
    if (part !== undefined && !drained.has(node)) all.delete(part.host);
  });
  return all;
}

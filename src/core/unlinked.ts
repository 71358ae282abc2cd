import { COORDINATOR, linkBetween, type Cluster } from "./cluster.js";

/** Nodes that no way of links leads to from the coordinator, or none back: they stay idle. O(nodes²) links at most. */
export function listUnlinked(cluster: Cluster): readonly number[] {
  const nodes = [...cluster.nodes.keys()];
  const there = reach(nodes, (from, to) => linkBetween(cluster, from, to) !== undefined);
  const back = reach(nodes, (from, to) => linkBetween(cluster, to, from) !== undefined);
  return nodes.filter((node) => !there.has(node) || !back.has(node));
}

function reach(
  nodes: readonly number[],
  linked: (from: number, to: number) => boolean,
): ReadonlySet<number> {
  const reached = new Set<number>();
  let left = nodes;
  for (let edge = [COORDINATOR]; edge.length > 0 && left.length > 0;) {
    const next = left.filter((to) => edge.some((from) => linked(from, to)));
    for (const node of next) reached.add(node);
    left = left.filter((node) => !reached.has(node));
    edge = next;
  }
  return reached;
}

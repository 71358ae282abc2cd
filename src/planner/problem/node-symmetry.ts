import type { PlanningProblem } from "./problem.js";

/**
 * Nodes that no row can tell apart: same machine, same region, no link exception, no pin, not
 * drained; parts of machines only of the same one, whose NIC and interconnect they share, and only
 * where its cards are shared out: parts that exclude each other are not alike. Groups of two or more, each ascending. O(nodes + exceptions).
 */
export function findIdenticalNodes({ cluster, constraints }: PlanningProblem): readonly number[][] {
  const special = new Set<number>();
  for (const [from, heads] of cluster.network.exceptions) {
    special.add(from);
    for (const to of heads.keys()) special.add(to);
  }
  const cards = cluster.hosts?.map(() => 0) ?? [];
  for (const { part } of cluster.nodes) if (part !== undefined) cards[part.host]! += part.count;
  const groups = new Map<string, number[]>();
  cluster.nodes.forEach(({ machine, region, part }, node) => {
    if (special.has(node) || constraints.pins.has(node) || constraints.drained.has(node)) return;
    if (part !== undefined && cards[part.host]! > cluster.hosts![part.host]!.cards) return;
    const key = `${machine}/${region}/${part?.host ?? ""}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node]);
    else group.push(node);
  });
  return [...groups.values()].filter((group) => group.length > 1);
}

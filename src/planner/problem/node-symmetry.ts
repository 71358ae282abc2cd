import type { PlanningProblem } from "./problem.js";

/**
 * Nodes that no row can tell apart: same machine, same region, no link exception, no pin, not
 * drained. Groups of two or more, each ascending. O(nodes + exceptions).
 */
export function findIdenticalNodes({ cluster, constraints }: PlanningProblem): readonly number[][] {
  const special = new Set<number>();
  for (const [from, heads] of cluster.network.exceptions) {
    special.add(from);
    for (const to of heads.keys()) special.add(to);
  }
  const groups = new Map<string, number[]>();
  cluster.nodes.forEach(({ machine, region }, node) => {
    if (special.has(node) || constraints.pins.has(node) || constraints.drained.has(node)) return;
    const key = `${machine}/${region}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node]);
    else group.push(node);
  });
  return [...groups.values()].filter((group) => group.length > 1);
}

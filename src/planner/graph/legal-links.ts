import type { Placement } from "../../core/placement.js";

/**
 * For each node j of a placement, the nodes i from which tokens may come:
 * e_i = s_j, or with partial inference s_j ≤ e_i < e_j (j then runs only [e_i, e_j)).
 * Ascending by (e_i, i). Index built in O(nodes); each call costs O(result + k_j).
 */
export function legalPredecessors(
  placement: Placement,
  partialInference: boolean,
): (node: number) => readonly number[] {
  const byEnd = new Map<number, number[]>();
  placement.forEach((interval, node) => {
    if (interval === null) return;
    const ending = byEnd.get(interval[1]);
    if (ending === undefined) byEnd.set(interval[1], [node]);
    else ending.push(node);
  });
  return (node) => {
    const interval = placement[node];
    if (interval === null || interval === undefined) return [];
    const [start, end] = interval;
    if (!partialInference) return byEnd.get(start) ?? [];
    const found: number[] = [];
    for (let border = start; border < end; border++)
      for (const node of byEnd.get(border) ?? []) found.push(node);
    return found;
  };
}

import type { Placement } from "../../core/placement.js";
import type { PlanningProblem } from "../problem/problem.js";

/** The same problem with every node but `free` held where the placement has it: a neighbourhood. */
export function fixNodes(
  problem: PlanningProblem,
  placement: Placement,
  free: ReadonlySet<number>,
): PlanningProblem {
  const pins = new Map(problem.constraints.pins);
  const drained = new Set(problem.constraints.drained);
  placement.forEach((interval, node) => {
    if (free.has(node)) return;
    if (interval === null) drained.add(node);
    else pins.set(node, interval);
  });
  return { ...problem, constraints: { ...problem.constraints, pins, drained } };
}

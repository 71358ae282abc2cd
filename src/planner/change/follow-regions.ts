import { COORDINATOR } from "../../core/cluster.js";
import type { Placement } from "../../core/placement.js";
import { evaluateOpen } from "../problem/measure-throughput.js";
import type { PlanningProblem } from "../problem/problem.js";

/** Flow below this share of all is rounding. */
const SOME = 1e-6;

/** The regions that compute each layer, by a maximum flow of a placement which spends little on links. */
export function followRegions(
  problem: PlanningProblem,
  placement: Placement,
): readonly ReadonlySet<number>[] {
  const { cluster } = problem;
  const { links, throughput } = evaluateOpen(problem, placement).carried;
  const computing = Array.from({ length: cluster.model.layers }, () => new Set<number>());
  for (const { from, to, flow } of links) {
    const interval = to === COORDINATOR ? null : placement[to]!;
    if (interval === null || flow <= SOME * throughput) continue;
    const start = from === COORDINATOR ? 0 : placement[from]![1];
    for (let layer = start; layer < interval[1]; layer++)
      computing[layer]!.add(cluster.nodes[to]!.region);
  }
  return computing;
}

import { createBoxRelaxation } from "./box-relaxation.js";
import { OUTWARD } from "../coverings/compute-bounds.js";
import { halveBox, LEAST_END, LEAST_START, RANGES, type IntervalBox } from "./interval-box.js";
import { createMinHeap } from "../../math/flow/min-heap.js";
import { usesPartialLinks, type PlanningProblem } from "../problem/problem.js";
import type { Placement } from "../../core/placement.js";
import { layNodes } from "../problem/chain.js";
import type { BoxSearch } from "./box-search.js";
import { chooseBranching, startBox } from "./start-box.js";
import type { SearchContext } from "../problem/strategy.js";

/** A box that promises no more than this above the incumbent is closed, relative. */
const LEAST_GAIN = 1e-5;

/**
 * Branch and bound over the intervals of all nodes, best bound first, by {@link createBoxRelaxation}. A box
 * of a single placement is offered.
 */
export function searchWhole(
  problem: PlanningProblem,
  nodes: readonly number[],
  context: SearchContext,
): BoxSearch {
  const relaxation = createBoxRelaxation(problem.cluster, nodes, usesPartialLinks(problem));
  const branching = chooseBranching(problem, nodes);
  const open = createMinHeap<IntervalBox>();
  const known = (): number => context.incumbent()?.throughput ?? 0;
  /** The best bound of boxes that are closed though they promised more. */
  let closed = 0;
  const admit = (box: IntervalBox, most: number): void => {
    const bound = Math.min(most, relaxation.bound(box) * (1 + OUTWARD));
    if (bound <= known() * (1 + LEAST_GAIN)) closed = Math.max(closed, bound);
    else open.push(-bound, box);
  };
  const start = startBox(problem, nodes, branching);
  if (start !== undefined) admit(start, context.upperBound());
  return {
    name: "interval boxes",
    openBoxes: () => open.size(),
    bound: () => Math.max(closed, known(), open.size() === 0 ? 0 : -open.peek().key),
    expand() {
      const { key, value } = open.pop();
      const halves = halveBox(value, branching);
      if (halves === undefined) {
        context.offer(placementOf(value, nodes, problem));
        closed = Math.max(closed, -key);
      } else for (const half of halves) admit(half, -key);
    },
  };
}

function placementOf(
  box: IntervalBox,
  nodes: readonly number[],
  problem: PlanningProblem,
): Placement {
  return layNodes(
    problem,
    nodes.map((node, i) => [
      node,
      [box[RANGES * i + LEAST_START]!, box[RANGES * i + LEAST_END]!] as const,
    ]),
  );
}

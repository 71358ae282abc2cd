import type { PlanningProblem } from "../problem/problem.js";
import type { SearchContext } from "../problem/strategy.js";
import type { BoxSearch } from "./box-search.js";
import { createSweeps } from "./offered-sweeps.js";

/** Sweeps one after the other: how far below the first bound, relative, and after how many steps it is given up. */
const DESCENT: readonly (readonly [below: number, steps: number])[] = [
  [0.001, 1000],
  [0.003, 1500],
  [0.006, 3000],
  [0.01, 4000],
  [0.015, 8000],
];

/**
 * Bounds for clusters of too many nodes for sweeps down to the incumbent: sweeps for flows just below the bound, each lower
 * than the one before, until one is not done in its steps. Where the nodes leave so many choices that the first is
 * not done, a second is lost.
 */
export function searchNearBound(
  problem: PlanningProblem,
  nodes: readonly number[],
  context: SearchContext,
): BoxSearch {
  const sweeps = createSweeps(problem, nodes, context);
  const known = (): number => context.incumbent()?.throughput ?? 0;
  const first = Math.min(context.upperBound(), sweeps.computeSum);
  const flows = DESCENT.map(([below, steps]) => ({ flow: first * (1 - below), steps })).filter(
    ({ flow }) => flow > known() && flow < context.upperBound(),
  );
  let proven = first;
  let sweep = begin();
  let left = flows[0]?.steps ?? 0;

  function begin(): ReturnType<typeof sweeps.sweepFor> | undefined {
    const next = flows[0];
    if (next === undefined) return undefined;
    return sweeps.sweepFor(
      () => next.flow,
      () => next.flow,
    );
  }

  return {
    name: "layer sweep",
    openBoxes: () => (sweep === undefined ? 0 : 1),
    bound: () => proven,
    expand() {
      left -= 1;
      if (flows[0]!.flow <= known()) sweep = undefined;
      else if (sweep!.next().done === true) {
        proven = Math.min(proven, Math.max(flows.shift()!.flow, known(), sweeps.unkept()));
        left = flows[0]?.steps ?? 0;
        sweep = begin();
      } else if (left <= 0) sweep = undefined;
    },
  };
}

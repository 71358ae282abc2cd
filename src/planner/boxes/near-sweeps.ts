import type { PlanningProblem } from "../problem/problem.js";
import type { SearchContext } from "../problem/strategy.js";
import type { BoxSearch } from "./box-search.js";
import { createSweeps, type Sweep } from "./offered-sweeps.js";

/** Sweeps one after the other: how far below the first bound, relative, and after how many steps it is given up. */
const DESCENT: readonly (readonly [below: number, steps: number])[] = [
  [0.001, 1000],
  [0.003, 1500],
  [0.006, 3000],
  [0.01, 4000],
  [0.015, 8000],
];

/** Sweeps that seek placements: how far below the bound, as shares of the way to the incumbent, or to what is so far below it, and their steps. */
const SOUGHT: readonly number[] = [1 / 2, 3 / 4, 1 / 4];
const FURTHEST_SOUGHT = 0.04;
/** They come before the longest sweep just below the bound. */
const STEPS_SEEKING = 500;
/** What is nearer than this to the bound, relative, is not sought. */
const NEAR_ENOUGH = 1e-4;

interface Try {
  readonly flow: number;
  readonly steps: number;
}

/**
 * For clusters of too many nodes for sweeps down to the incumbent. Sweeps for flows just below the bound, each lower
 * than the one before, until one is not done in its steps: where the nodes leave so many choices that the first is not done, a second is lost. Then
 * sweeps further below it, but above the incumbent, given up soon: links and work allow so little at such a flow that one finds a
 * placement at once or, mostly, not at all. Whatever is found, or is not to be found, begins these anew.
 */
export function searchNearBound(
  problem: PlanningProblem,
  nodes: readonly number[],
  context: SearchContext,
): BoxSearch {
  const sweeps = createSweeps(problem, nodes, context);
  const known = (): number => context.incumbent()?.throughput ?? 0;
  const first = Math.min(context.upperBound(), sweeps.computeSum);
  let near: readonly Try[] = DESCENT.map(([below, steps]) => ({
    flow: first * (1 - below),
    steps,
  }));
  let proven = first;
  /** Ways tried since something was found. */
  let tried = 0;
  let asked: Try | undefined;
  let sweep: Sweep | undefined;
  let left = 0;

  const choose = (): Try | undefined => {
    near = near.filter(({ flow }) => flow > known() && flow < context.upperBound());
    const [next, ...later] = near;
    const top = Math.min(proven, context.upperBound());
    const room = Math.min(top - known(), FURTHEST_SOUGHT * top);
    const isToSeek = tried < SOUGHT.length && room > NEAR_ENOUGH * top;
    if (isToSeek && later.length === 0)
      return { flow: top - SOUGHT[tried++]! * room, steps: STEPS_SEEKING };
    near = later;
    return next;
  };
  const begin = (): void => {
    asked = choose();
    const { flow, steps } = asked ?? { flow: 0, steps: 0 };
    left = steps;
    sweep =
      asked &&
      sweeps.sweepFor(
        () => flow,
        () => flow,
      );
  };
  const beginAnew = (): void => {
    tried = 0;
    begin();
  };
  begin();

  return {
    name: "layer sweep",
    openBoxes: () => (sweep === undefined ? 0 : 1),
    bound: () => proven,
    expand() {
      left -= 1;
      const { flow, steps } = asked!;
      if (flow <= known()) beginAnew();
      else if (sweep!.next().done === true) {
        const now = Math.max(flow, known(), sweeps.unkept());
        const isLower = now < proven;
        proven = Math.min(proven, now);
        // What is promised and not carried would be told again and again.
        if (isLower) beginAnew();
        else begin();
      } else if (left <= 0) {
        // Those below the bound end with the first that is not done.
        if (steps !== STEPS_SEEKING) near = [];
        begin();
      }
    },
  };
}

import type { PlanningProblem } from "../problem/problem.js";
import { MEETING_VALUES, type SearchContext } from "../problem/strategy.js";
import type { BoxSearch } from "./box-search.js";
import { isPast, type SweepPath } from "./sweep-path.js";
import { createSweeps, type Sweep, type Sweeps } from "./offered-sweeps.js";

/** A placement must carry this much more than the incumbent to be looked for, relative. */
const LEAST_GAIN = 1e-5;
/** Steps that the sweep for all that is better has to itself: most small clusters need no more. */
const STEPS_ALONE = 500;
/**
 * Then the sweeps above it have every second step, or every eighth where only the clock limits: there it ends more clusters than they narrow, as
 * it finds what local search misses on its way.
 */
const ABOVE_EVERY = 2;
const ABOVE_EVERY_BY_CLOCK = 8;
/** Steps of the first sweeps above the incumbent. */
const FIRST_STEPS = 100;
/**
 * Where they look, as shares of the way from the incumbent to the bound: the nearer the bound the sooner they are done. From one that is done
 * to a lower one, from one given up to a higher one; where the highest was given up it has four times the steps.
 */
const WAYS: readonly number[] = [1 / 2, 3 / 4, 7 / 8, 15 / 16];

/**
 * Bounds by sweeps over the layers ({@link Sweeps}): one for all that carries more than the incumbent, which
 * proves it to be the best when it is done, and in turn with it others for larger flows, each given up after so many steps,
 * which lower the bound meanwhile. A second run looks for all that is better from the other end; when they meet, either is done.
 */
export function searchSweeps(
  problem: PlanningProblem,
  nodes: readonly number[],
  context: SearchContext,
): BoxSearch {
  const sweeps = createSweeps(problem, nodes, context);
  const known = (): number => context.incumbent()?.throughput ?? 0;
  let proven = Math.min(context.upperBound(), sweeps.computeSum);
  let done = false;
  /** What the sweep for all that is better looks for; never falls. */
  let wanted = LEAST_GAIN * proven;
  const want = (): number => (wanted = Math.max(wanted, known() * (1 + LEAST_GAIN)));
  const { meeting } = context;
  const isSecond = meeting?.isSecond === true;
  const lowest = sweeps.sweepFor(want, () => context.upperBound(), isSecond);
  /** What the other sweep may have left out, once they have met. */
  let left = 0;
  const meets = (path: SweepPath): boolean => {
    if (meeting === undefined) return false;
    meeting.tell([Math.max(want(), sweeps.unkept()), ...path.slice(0, MEETING_VALUES - 1)]);
    const [most, ...other] = meeting.heard();
    const [forward, backward] = isSecond ? [other, path] : [path, other];
    if (most === undefined || !isPast(forward, backward)) return false;
    left = most;
    return true;
  };
  const above = sweepAbove(sweeps);
  const every = context.iterations === Infinity ? ABOVE_EVERY_BY_CLOCK : ABOVE_EVERY;
  let steps = 0;
  return {
    name: "layer sweep",
    openBoxes: () => (done ? 0 : 1),
    bound: () => Math.max(proven, sweeps.unkept(), left),
    expand() {
      proven = Math.min(proven, context.upperBound());
      steps += 1;
      if (isSecond || steps < STEPS_ALONE || steps % every !== 1) {
        const next = lowest.next();
        if (next.done !== true && !meets(next.value)) return;
        done = true;
        proven = Math.min(proven, want());
      } else proven = above(proven, () => Math.max(known(), sweeps.unkept()));
    },
  };
}

/** Sweeps for flows between what is promised (known, or told and not kept) and what is proven. @returns one step: what is proven then. */
function sweepAbove({ sweepFor }: Sweeps): (proven: number, promised: () => number) => number {
  let sweep: Sweep | undefined;
  let flow = 0;
  let left = 0;
  let most = FIRST_STEPS;
  let way = 0;
  return (proven, promised) => {
    const least = promised();
    if (least >= proven) return proven;
    if (least >= flow || flow >= proven) sweep = undefined;
    if (sweep === undefined) {
      const asked = least + WAYS[way]! * (proven - least);
      flow = asked;
      sweep = sweepFor(
        () => asked,
        () => asked,
      );
      left = most;
    }
    if (sweep.next().done === true) {
      sweep = undefined;
      way = Math.max(0, way - 1);
      return promised() >= flow ? proven : Math.min(proven, flow);
    }
    left -= 1;
    if (left > 0) return proven;
    sweep = undefined;
    if (way === WAYS.length - 1) most *= 4;
    else way += 1;
    return proven;
  };
}

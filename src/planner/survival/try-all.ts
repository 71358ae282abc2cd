import type { Strategy } from "../problem/strategy.js";
import { visitPlacements } from "./visit-placements.js";

/** Above so many placements of which a loss could leave something they are not tried one by one. */
const MOST_PLACEMENTS = 200_000;
/** Intervals given to nodes while they are counted, at most: a few tenths of a second. */
const MOST_STEPS = 2_000_000;
/** Looks at the clock are so many placements apart. */
const LOOK_EVERY = 256;

/**
 * Every placement of a tiny cluster, judged one by one: the best is proven, and where none carries anything, that none
 * exists. They are counted first. Placements whose weakest layer is no better than the best known are passed over.
 */
export const tryAll: Strategy = (problem, context) => {
  let count = 0;
  const few = visitPlacements(problem, {
    onPlacement: () => ++count <= MOST_PLACEMENTS,
    mostSteps: MOST_STEPS,
  });
  if (!few) return;
  let looked = 0;
  const done = visitPlacements(problem, {
    onPlacement(placement, coverage) {
      if (++looked % LOOK_EVERY === 0 && (looked > context.iterations || context.shouldStop()))
        return false;
      const best = context.incumbent()?.throughput ?? 0;
      if (coverage.every((tokens) => tokens > best * (1 + 1e-12))) context.offer([...placement]);
      return true;
    },
    mostSteps: Infinity,
  });
  if (done)
    context.offerBound((context.incumbent()?.throughput ?? 0) * (1 + 1e-9), "every placement");
};

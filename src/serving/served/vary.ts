import type { Placement } from "../../core/placement.js";
import { createRandom } from "../../core/random.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { scoreService, type ServiceFigures, type ServiceLimits } from "./limits.js";
import { createNeighbours } from "./neighbours.js";
import { scorePlacement } from "./refine.js";
import type { GoodputModel } from "./steady-state.js";

/** A placement with what the simulator says of it. */
export interface Parent {
  readonly placement: Placement;
  readonly figures: ServiceFigures;
}

export interface VaryOptions {
  /** Changes that lie between the parent and its variant. */
  readonly moves: number;
  readonly seed: number;
}

/** What a move may lose of the best score on the way, in ln(tokens/s). */
const SLACK = 0.01;
const LOOKS_PER_MOVE = 30;

/**
 * A placement a few moves away from one that was simulated, rather uphill than down. Near the parent
 * the model is right about differences at most: every figure is corrected by the factor by which it
 * was wrong about the parent, so that limits are where the simulator sees them. Undefined when no
 * move passes.
 */
export function vary(
  problem: PlanningProblem,
  model: GoodputModel,
  limits: ServiceLimits,
  parent: Parent,
  { moves, seed }: VaryOptions,
): Placement | undefined {
  const own = scorePlacement(problem, model, limits, parent.placement)?.estimate;
  if (own === undefined) return undefined;
  let best = scoreService(parent.figures, limits);
  const neighbours = createNeighbours(problem, parent.placement, createRandom(seed));
  let variant: Placement | undefined;
  for (let look = 0, taken = 0; taken < moves && look < LOOKS_PER_MOVE * moves; look += 1) {
    const neighbour = neighbours.next();
    if (neighbour === undefined) return variant;
    const estimate = scorePlacement(problem, model, limits, neighbour)?.estimate;
    const score =
      estimate === undefined
        ? -Infinity
        : scoreService(correct(estimate, own, parent.figures), limits);
    if (score < best - SLACK) {
      neighbours.undo();
      continue;
    }
    best = Math.max(best, score);
    taken += 1;
    variant = neighbour;
  }
  return variant;
}

/** estimate · truth / own, figure by figure. */
function correct(
  estimate: ServiceFigures,
  own: ServiceFigures,
  truth: ServiceFigures,
): ServiceFigures {
  const latency = (of: "timeToFirstToken" | "timePerOutputToken") => ({
    mean: (estimate[of].mean * truth[of].mean) / own[of].mean,
    p95: (estimate[of].p95 * truth[of].p95) / own[of].p95,
  });
  return {
    decodeTokensPerSecond:
      (estimate.decodeTokensPerSecond * truth.decodeTokensPerSecond) / own.decodeTokensPerSecond,
    timeToFirstToken: latency("timeToFirstToken"),
    timePerOutputToken: latency("timePerOutputToken"),
  };
}

import { evaluateNetwork } from "../../planner/graph/evaluate-placement.js";
import type { Placement } from "../../core/placement.js";
import { createRandom } from "../../core/random.js";
import { isLegal } from "../../planner/problem/measure-flow.js";
import { buildOpenNetwork } from "../../planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { scoreService, type ServiceLimits } from "./limits.js";
import { createNeighbours } from "./neighbours.js";
import type { GoodputEstimate, GoodputModel } from "./steady-state.js";

/** A placement with what the model says of it. */
export interface ScoredPlacement {
  readonly placement: Placement;
  readonly estimate: GoodputEstimate;
  readonly score: number;
}

/** Judges a placement by the model; undefined where it is not legal or carries nothing. */
export function scorePlacement(
  problem: PlanningProblem,
  model: GoodputModel,
  limits: ServiceLimits,
  placement: Placement,
): ScoredPlacement | undefined {
  if (!isLegal(problem, placement)) return undefined;
  const network = buildOpenNetwork(problem, placement);
  const { links, throughput } = evaluateNetwork(problem.cluster, placement, network);
  if (!(throughput > 0)) return undefined;
  const estimate = model.estimate(placement, links);
  const score = scoreService(estimate, limits);
  return Number.isFinite(score) ? { placement, estimate, score } : undefined;
}

export interface RefineOptions {
  readonly steps: number;
  readonly seed: number;
  readonly shouldStop: () => boolean;
}

/** Temperature of the annealing in ln(tokens/s), at the start and at the end. */
const HOT = 0.01;
const COLD = 0.0005;

/** Moves between two pauses: some tens of milliseconds. */
const MOVES_PER_PAUSE = 250;

/** Annealing over intervals with the model as judge. Steps are moves judged. Returns the best seen. */
export function refine(...given: Parameters<typeof refining>): ScoredPlacement {
  const work = refining(...given);
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** The same with pauses, in which an interrupt can be seen. */
export function* refining(
  problem: PlanningProblem,
  model: GoodputModel,
  limits: ServiceLimits,
  start: ScoredPlacement,
  { steps, seed, shouldStop }: RefineOptions,
): Generator<undefined, ScoredPlacement> {
  const random = createRandom(seed);
  const neighbours = createNeighbours(problem, start.placement, random);
  let now = start;
  let best = start;
  for (let step = 0; step < steps && !shouldStop(); step += 1) {
    if (step % MOVES_PER_PAUSE === MOVES_PER_PAUSE - 1) yield undefined;
    const neighbour = neighbours.next();
    if (neighbour === undefined) break;
    const next = scorePlacement(problem, model, limits, neighbour);
    const heat = HOT * (COLD / HOT) ** (step / steps);
    if (next === undefined || next.score < now.score + heat * Math.log(random.next() + 1e-12)) {
      neighbours.undo();
      continue;
    }
    now = next;
    if (next.score > best.score) best = next;
  }
  return best;
}

import { evaluateNetwork } from "../network/evaluate-placement.js";
import type { Placement } from "../placement/placement.js";
import { createRandom } from "../random.js";
import { createLocalEvaluator } from "../search/local-evaluator.js";
import { createLocalMoves } from "../search/local-moves.js";
import { buildOpenNetwork, measureThroughput } from "../search/measure-throughput.js";
import type { PlanningProblem } from "../search/problem.js";
import { scoreService, type ServiceLimits } from "./limits.js";
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
  if (!(measureThroughput(problem, placement) > 0)) return undefined;
  const { links } = evaluateNetwork(
    problem.cluster,
    placement,
    buildOpenNetwork(problem, placement),
  );
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
/** Neighbours with less than this share of the flow are not judged. */
const LEAST_FLOW = 0.6;

/** Annealing over intervals with the model as judge. Steps are moves judged. Returns the best seen. */
export function refine(
  problem: PlanningProblem,
  model: GoodputModel,
  limits: ServiceLimits,
  start: ScoredPlacement,
  { steps, seed, shouldStop }: RefineOptions,
): ScoredPlacement {
  const { cluster, constraints } = problem;
  const evaluator = createLocalEvaluator(problem);
  const random = createRandom(seed);
  const movable = [...evaluator.most.keys()].filter(
    (node) => evaluator.most[node]! > 0 && !constraints.pins.has(node),
  );
  if (movable.length === 0 || constraints.chainsOnly === true) return start;
  const classes = Int32Array.from(
    cluster.nodes,
    ({ machine, region }) => machine * cluster.regions.length + region,
  );
  const moves = createLocalMoves({ evaluator, movable, classes, random });
  evaluator.load(start.placement);
  const flow = evaluator.flow();
  let now = start;
  let best = start;
  for (let step = 0, tries = 0; step < steps && tries < 20 * steps; tries += 1) {
    if (shouldStop()) break;
    if (!moves.propose(flow)) continue;
    const dull =
      moves.crowds(constraints.maxNodesPerStage ?? Infinity) ||
      evaluator.weakest() < LEAST_FLOW * flow ||
      evaluator.flow(LEAST_FLOW * flow) < LEAST_FLOW * flow;
    const next = dull ? undefined : scorePlacement(problem, model, limits, evaluator.read());
    if (!dull) step += 1;
    const heat = HOT * (COLD / HOT) ** (step / steps);
    if (next === undefined || next.score < now.score + heat * Math.log(random.next() + 1e-12)) {
      moves.undo();
      continue;
    }
    now = next;
    if (next.score > best.score) best = next;
  }
  return best;
}

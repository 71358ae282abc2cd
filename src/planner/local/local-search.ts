import { findIdenticalNodes } from "../problem/node-symmetry.js";
import type { Placement } from "../../core/placement.js";
import { createRandom, type Random } from "../../core/random.js";
import { anneal, type AnnealRun } from "./local-anneal.js";
import { countLosses } from "./count-losses.js";
import { createLocalEvaluator, type LocalEvaluator } from "./local-evaluator.js";
import { networkIsThick } from "./local-links.js";
import { createLocalMoves } from "./local-moves.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { SearchContext, Strategy } from "../problem/strategy.js";

/** Above this many nodes flows are too slow to be the judge of single moves. */
const MOST_NODES_THIN = 300;
/** Above this many nodes the judge is too slow to be asked about every small gain. */
const MANY_NODES = 100;
const FIRST_STEPS = 20_000;
const MOST_STEPS = 400_000;
const FRESH_HEAT = 2;
/** Hot enough to rebuild ten nodes. */
const HOTTEST = 0.5;
/** Cool enough to keep what is good in many nodes, of which each carries less. */
const coolest = (nodes: number): number => Math.min(0.1, 1 / nodes);
const LEAST_STRIDE = 2e-4;
const MOST_STRIDE = 0.2;
/** Target of the first run when nothing is known, as a share of the upper bound. */
const FIRST_TARGET = 0.3;
/** Of the target before, while nothing is found: what losses must leave may be far below what nodes compute together. */
const LESS_TARGET = 0.6;
/** After so many runs that found nothing the first target is tried again. */
const TARGETS = 12;

/**
 * Anytime local search over intervals with the max flow as judge: annealing runs towards a target
 * somewhat above the best throughput, further above after a success, less far after a failure; from
 * the incumbent, and now and then from nothing. Its iterations are moves tried. In another turn it goes on with how far
 * to aim and how long to try.
 */
export const localSearch: Strategy = (problem, first) => {
  const descent = createDescent(problem, first);
  if (descent === undefined) return;
  const goOn = (context: SearchContext): void => {
    let left = context.iterations;
    while (left > 0 && !context.shouldStop()) left -= descent(context, left);
  };
  goOn(first);
  return goOn;
};

/** One annealing run, or as much of it as there is time for. @returns moves tried; Infinity when nothing is left to do. */
type Descent = (context: SearchContext, left: number) => number;

function createDescent(problem: PlanningProblem, first: SearchContext): Descent | undefined {
  const { cluster, constraints } = problem;
  const count = cluster.nodes.length;
  const { survive } = constraints;
  const plain = createLocalEvaluator(problem);
  const evaluator = survive === undefined ? plain : countLosses(plain, cluster, survive);
  const random = createRandom(first.seed);
  const movable = [...evaluator.most.keys()].filter(
    (node) => evaluator.most[node]! > 0 && !constraints.pins.has(node),
  );
  const ceiling = computeBound(evaluator);
  if (movable.length === 0 || ceiling === 0) return undefined;
  const moves = createLocalMoves({ evaluator, movable, classes: classify(problem), random });

  const empty: Placement = cluster.nodes.map((_, node) => constraints.pins.get(node) ?? null);
  const known = first.incumbent();
  let bestPlacement = known?.placement ?? empty;
  let best = known?.throughput ?? 0;
  let stride = best > 0 ? 0.01 : 0;
  let failures = 0;
  let current: AnnealRun | undefined;

  const start = (left: number, upper: number): AnnealRun => {
    const begun = FIRST_TARGET * LESS_TARGET ** (failures % TARGETS);
    const target = best === 0 ? begun * upper : Math.min(best * (1 + stride), upper);
    const fresh = best === 0 || failures % 4 === 3;
    evaluator.load(fresh ? empty : bestPlacement);
    const steps = Math.min(left, MOST_STEPS, FIRST_STEPS * 2 ** Math.floor(failures / 3));
    return { target, best, steps, heat: fresh ? FRESH_HEAT : drawHeat(movable.length, random) };
  };
  const learn = (improved: boolean, reached: boolean): void => {
    if (improved) failures = 0;
    else failures += 1;
    stride = reached ? Math.min(MOST_STRIDE, 2 * stride + LEAST_STRIDE) : stride / 2;
    if (stride < LEAST_STRIDE) stride = 0.02;
  };

  return (context, left) => {
    const upper = Math.min(context.upperBound(), ceiling);
    if (best >= upper * (1 - 1e-9)) return Infinity;
    const shared = context.incumbent();
    if (shared !== undefined && shared.throughput > best) {
      best = shared.throughput;
      bestPlacement = shared.placement;
    }
    const before = current?.best ?? best;
    const run = current === undefined ? start(left, upper) : { ...current, best };
    const thick =
      problem.partialInference && networkIsThick(evaluator.links, evaluator.mostTokens, run.target);
    if (!thick && count > MOST_NODES_THIN) return Infinity;
    const outcome = anneal(
      {
        evaluator,
        moves,
        random,
        thick,
        maxNodesPerStage: constraints.maxNodesPerStage ?? Infinity,
        maxDepth: constraints.maxDepth ?? Infinity,
        shouldStop: () => context.shouldStop(),
        leastGain: count > MANY_NODES ? 1e-3 : 1e-9,
        onBetter() {
          const placement = evaluator.read();
          const worth = context.offer(placement);
          if (worth <= best) return;
          best = worth;
          bestPlacement = placement;
        },
      },
      run,
    );
    current =
      outcome.pause === undefined ? undefined : { ...run, best: before, from: outcome.pause };
    if (current === undefined) learn(best > before, outcome.reached);
    return Math.max(1, outcome.steps);
  };
}

/** Evenly in the exponent. */
function drawHeat(nodes: number, random: Random): number {
  const least = coolest(nodes);
  return least * (HOTTEST / least) ** random.next();
}

/** (1/L)·Σ max k·T(k): no throughput exceeds it (method 3 (a)). */
function computeBound(evaluator: LocalEvaluator): number {
  let sum = 0;
  for (let node = 0; node < evaluator.most.length; node++) sum += evaluator.workOf(node);
  return sum / evaluator.layers;
}

/** A class per node; nodes of one class are interchangeable. */
function classify(problem: PlanningProblem): Int32Array {
  const classes = Int32Array.from(problem.cluster.nodes, (_, node) => node);
  for (const group of findIdenticalNodes(problem))
    for (const node of group) classes[node] = group[0]!;
  return classes;
}

import {
  buildIntervalModel,
  readIntervalPlacement,
  type IntervalModel,
} from "../node-milp/node-interval-model.js";
import { fixNodes } from "../views/fix-nodes.js";
import { createRandom } from "../../core/random.js";
import { createLocalEvaluator, type LocalEvaluator } from "./local-evaluator.js";
import { NEIGHBOURHOODS, chooseFree } from "./lns-neighbourhood.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { SearchContext, Strategy } from "../problem/strategy.js";

const MANY_NODES = 30;
const MANY_LAYERS = 30;
const FIRST_SIZE = 4;
const LEAST_SIZE = 2;
/** Branch-and-bound nodes per round. */
const NODES_PER_ROUND = 60;
/**
 * Columns of the model of a counted round. Its time grows with their square (4,000: 15 s), and a counted round has
 * no clock to cut it off. With 1,000, twenty mixes over three regions took 118 s instead of 42, and carried 0.2 % more.
 */
const MOST_COUNTED_COLUMNS = 400;
/** Rounds solved to the end without a better placement before the neighbourhood grows. */
const PATIENCE = 6;
/** Relative gain below which a round has found nothing. */
const LEAST_GAIN = 1e-5;

/**
 * Large-neighbourhood search: frees a few nodes of the incumbent, holds the others as constants and
 * asks the interval model for anything better. The number of free nodes grows while rounds are
 * exhausted without success and shrinks when they run into their limit. Its iterations are rounds.
 * Needs an incumbent. In another turn it goes on with neighbourhoods of the size it had come to. Where links are thin models of even
 * two nodes may take longer than a turn: then it gives up, as others know better what to do with the time.
 */
export const lnsMilp: Strategy = (problem, first) => {
  const { cluster, constraints } = problem;
  const evaluator = createLocalEvaluator(problem);
  const random = createRandom(first.seed);
  const movable = [...evaluator.most.keys()].filter(
    (node) => evaluator.most[node]! > 0 && !constraints.pins.has(node),
  );
  if (movable.length === 0) return;
  const counted = first.iterations < Infinity;
  // Large models start small where no clock cuts rounds off.
  const large =
    counted && (cluster.nodes.length > MANY_NODES || cluster.model.layers > MANY_LAYERS);
  let size = Math.min(large ? LEAST_SIZE : FIRST_SIZE, movable.length);
  let exhausted = 0;
  let hopeless = false;
  let isFirstOfTurn = false;

  /** What a whole turn is too short for: the smallest neighbourhoods come next; then there is no more to hope for. */
  const shrink = (): void => {
    if (size === LEAST_SIZE) hopeless = true;
    size = LEAST_SIZE;
    exhausted = 0;
  };

  /** @returns whether there may be more to find. */
  const improve = (context: SearchContext, round: number): boolean => {
    const incumbent = context.incumbent();
    if (incumbent === undefined || incumbent.throughput <= 0) return false;
    const { placement, throughput } = incumbent;
    const upperBound = context.upperBound();
    if (throughput >= upperBound * (1 - 1e-9)) return false;
    const hadWholeTurn = isFirstOfTurn;
    isFirstOfTurn = false;
    evaluator.load(placement);
    const kind = NEIGHBOURHOODS[round % NEIGHBOURHOODS.length]!;
    const regionOf = (node: number): number => cluster.nodes[node]!.region;
    const free = chooseFree(kind, evaluator, movable, regionOf, size, random);
    const wanted = throughput * (1 + LEAST_GAIN);
    const interval = buildNeighbourhood(problem, evaluator, free, wanted, upperBound);
    if (counted && interval.model.columnCount > MOST_COUNTED_COLUMNS) return true;
    const result = context.solver.solve(interval.model, {
      seed: random.int(2 ** 31),
      nodeLimit: NODES_PER_ROUND,
      cutoff: wanted,
      shouldStop: () => context.shouldStop(),
    });
    const found =
      result.columns === undefined
        ? 0
        : context.offer(readIntervalPlacement(interval, result.columns));
    if (found > throughput) {
      exhausted = 0;
      return true;
    }
    if (result.termination === "interrupted") {
      if (hadWholeTurn) shrink();
      return false;
    }
    if (result.termination === "node-limit") {
      size = Math.max(LEAST_SIZE, size - 1);
      exhausted = 0;
      return true;
    }
    exhausted += 1;
    if (exhausted < PATIENCE) return true;
    size = Math.min(movable.length, size + 1);
    exhausted = 0;
    return true;
  };

  let rounds = 0;
  const goOn = (context: SearchContext): void => {
    if (hopeless) return;
    isFirstOfTurn = true;
    const end = rounds + context.iterations;
    while (rounds < end && !context.shouldStop() && improve(context, rounds)) rounds += 1;
  };
  goOn(first);
  return goOn;
};

/**
 * The model of a round. Free nodes may only take intervals with a layer that the others leave short
 * of `wanted` (where they leave none, the network binds: then a layer that the freed nodes held),
 * which leaves a tenth of the columns. Empties the free nodes of the evaluator.
 */
function buildNeighbourhood(
  problem: PlanningProblem,
  evaluator: LocalEvaluator,
  free: ReadonlySet<number>,
  wanted: number,
  upperBound: number,
): IntervalModel {
  const placement = evaluator.read();
  const freed = new Uint8Array(evaluator.layers);
  for (const node of free) {
    freed.fill(1, evaluator.start[node]!, evaluator.end[node]!);
    evaluator.place(node, 0, 0);
  }
  const short = evaluator.coverage.map((tokens) => (tokens < wanted ? 1 : 0));
  const useful = short.includes(1) ? short : freed;
  return buildIntervalModel(fixNodes(problem, placement, free), upperBound, (_, start, end) =>
    useful.subarray(start, end).includes(1),
  );
}

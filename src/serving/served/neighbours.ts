import type { Placement } from "../../core/placement.js";
import type { Random } from "../../core/random.js";
import { createLocalEvaluator } from "../../planner/local/local-evaluator.js";
import { createLocalMoves } from "../../planner/local/local-moves.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";

/** A placement that moves, one random change at a time. */
export interface Neighbours {
  /** Changes the placement and returns it; undefined when no draw was worth a look. */
  next(): Placement | undefined;
  /** Takes the last change back. */
  undo(): void;
}

/** Neighbours with less than this share of the flow are not looked at. */
const LEAST_FLOW = 0.6;
const MOST_DRAWS = 400;

/** The moves of the local search on flow, but for those that lose much of the flow of `start`. */
export function createNeighbours(
  problem: PlanningProblem,
  start: Placement,
  random: Random,
): Neighbours {
  const { cluster, constraints } = problem;
  const evaluator = createLocalEvaluator(problem);
  const movable = [...evaluator.most.keys()].filter(
    (node) => evaluator.most[node]! > 0 && !constraints.pins.has(node),
  );
  if (movable.length === 0 || constraints.chainsOnly === true)
    return { next: () => undefined, undo: () => undefined };
  const classes = Int32Array.from(
    cluster.nodes,
    ({ machine, region }) => machine * cluster.regions.length + region,
  );
  const moves = createLocalMoves({ evaluator, movable, classes, random });
  evaluator.load(start);
  const flow = evaluator.flow();
  return {
    next() {
      for (let draw = 0; draw < MOST_DRAWS; draw += 1) {
        if (!moves.propose(flow)) continue;
        const dull =
          moves.crowds(constraints.maxNodesPerStage ?? Infinity) ||
          evaluator.weakest() < LEAST_FLOW * flow ||
          evaluator.flow(LEAST_FLOW * flow) < LEAST_FLOW * flow;
        if (!dull) return evaluator.read();
        moves.undo();
      }
      return undefined;
    },
    undo: () => moves.undo(),
  };
}

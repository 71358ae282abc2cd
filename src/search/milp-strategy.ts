import { buildNodeModel, readPlacement } from "../milp/node-model.js";
import type { NodeProblem } from "../milp/node-problem.js";
import { columnsFromPlacement } from "../milp/node-start.js";
import { RELATIVE_TOLERANCE } from "../tolerance.js";
import type { Strategy } from "./strategy.js";

/** Above this many possible links the model is not built: it would not leave the root in useful time. */
const MOST_LINKS = 20_000;

/** The name under which the model's bound is offered. */
const MILP_BOUND = "exact MILP";

/** The exact node-level model, tightened, from the incumbent; its iterations are branch-and-bound nodes. */
export const milpStrategy: Strategy = createMilpStrategy(true);

/** The same with the paper's rows only, for comparison. */
export const paperMilpStrategy: Strategy = createMilpStrategy(false);

/**
 * Offers every incumbent of the solver, and its dual bound rounded outwards by the solver's own
 * tolerance. An incumbent whose own flow breaks a constraint (depth, chains) serves as a cutoff
 * instead of a start. Where the solver has no node limit (GLPK), `iterations` has no effect.
 */
function createMilpStrategy(tightened: boolean): Strategy {
  return (problem, context) => {
    if (context.iterations < 1 || countLinks(problem) > MOST_LINKS || context.shouldStop()) return;
    const upperBound = context.upperBound();
    const nodeModel = buildNodeModel(problem, { tightened, upperBound });
    const incumbent = context.incumbent();
    const start = incumbent && columnsFromPlacement(nodeModel, incumbent.placement);
    const result = context.solver.solve(nodeModel.model, {
      seed: context.seed,
      ...(start === undefined ? {} : { start }),
      ...(context.iterations === Infinity ? {} : { nodeLimit: Math.ceil(context.iterations) }),
      shouldStop: () => context.shouldStop(),
      onIncumbent: (_, columns) => context.offer(readPlacement(nodeModel, columns)),
    });
    if (result.columns !== undefined) context.offer(readPlacement(nodeModel, result.columns));
    if (result.status === "failed" || result.status === "infeasible") return;
    const bound = roundOutwards(result.bound);
    if (bound < upperBound) context.offerBound(bound, MILP_BOUND);
  };
}

/** A solver's bound with room for its feasibility tolerance. */
function roundOutwards(bound: number): number {
  return bound + RELATIVE_TOLERANCE * Math.max(1, Math.abs(bound));
}

function countLinks({ cluster, constraints }: NodeProblem): number {
  const free = cluster.nodes.length - constraints.pins.size - constraints.drained.size;
  const present = cluster.nodes.length - constraints.drained.size;
  return free * present;
}

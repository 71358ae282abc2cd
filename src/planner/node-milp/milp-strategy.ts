import { buildNodeModel, readPlacement } from "./node-model.js";
import { columnsFromPlacement } from "./node-start.js";
import { scaleCluster } from "../views/scale-cluster.js";
import { RELATIVE_TOLERANCE } from "../../core/tolerance.js";
import type { Strategy } from "../problem/strategy.js";

/** Largest flow in the scaled model, tokens/s. */
const USUAL_SIZE = 1000;

/** A limit right at the optimum would be lost in the solver's tolerances. */
const LOOSENED = 1 + 1e-4;

/** The name under which the model's bound is offered. */
const MILP_BOUND = "exact MILP";

/** The exact node-level model, tightened, from the incumbent; its iterations are branch-and-bound nodes. */
export const milpStrategy: Strategy = createMilpStrategy(true);

/** The same with the paper's rows only, for comparison. It offers placements, no bound. */
export const paperMilpStrategy: Strategy = createMilpStrategy(false);

/**
 * Offers every incumbent of the solver, and (tightened) its dual bound rounded outwards by the solver's own
 * tolerance. An incumbent whose own flow breaks a constraint (depth, chains) serves as a cutoff
 * instead of a start. Where the solver has no node limit (GLPK), `iterations` has no effect.
 */
function createMilpStrategy(tightened: boolean): Strategy {
  return (problem, context) => {
    if (context.iterations < 1 || context.shouldStop()) return;
    const upperBound = context.upperBound();
    const factor = usualFactor(upperBound, context.incumbent()?.throughput);
    const scaled = { ...problem, cluster: scaleCluster(problem.cluster, factor) };
    const nodeModel = buildNodeModel(scaled, {
      tightened,
      upperBound: upperBound * factor * LOOSENED,
    });
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
    // With the paper's own big M (a link's capacity) the solver's tolerances are coarser than flows.
    if (!tightened || result.status === "failed" || result.status === "infeasible") return;
    const bound = roundOutwards(result.bound) / factor;
    if (bound < upperBound) context.offerBound(bound, MILP_BOUND);
  };
}

/** What brings flows to the size for which solver tolerances are made. */
function usualFactor(upperBound: number, throughput: number | undefined): number {
  const size = Number.isFinite(upperBound) ? upperBound : throughput;
  return size === undefined || size <= 0 ? 1 : USUAL_SIZE / size;
}

/** A solver's bound with room for its feasibility tolerance. */
function roundOutwards(bound: number): number {
  return bound + RELATIVE_TOLERANCE * Math.max(1, Math.abs(bound));
}

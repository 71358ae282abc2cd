import { solveByDinic } from "../../math/flow/dinic.js";
import { evaluateHubs, evaluateNetwork, type Evaluation } from "../graph/evaluate-placement.js";
import { buildHubNetwork } from "../graph/hub-network.js";
import { keepCarryingLinks } from "../graph/open-links.js";
import { buildPlacementNetwork, type PlacementNetwork } from "../graph/placement-network.js";
import type { Placement } from "../../core/placement.js";
import { findQuickerChains } from "./quicker-chains.js";
import { MANY_LINKS, solveConstrainedFlow } from "./constrained-flow.js";
import { limitsRoutes, measureFlow } from "./measure-flow.js";
import { survivesLosses } from "./worst-loss.js";
import type { PlanningProblem } from "./problem.js";

/**
 * Tokens/s that a placement carries (its max flow; with maxDepth or chainsOnly a flow that keeps
 * them), or 0 if it is not a legal placement of the problem: wrong length, intervals outside the model,
 * more layers than a machine holds, a broken pin or drain, too many nodes over a layer, or less left after a loss
 * than was asked for.
 */
export function measureThroughput(problem: PlanningProblem, placement: Placement): number {
  const flow = measureFlow(problem, placement);
  const { survive } = problem.constraints;
  if (survive === undefined || flow === 0) return flow;
  return survivesLosses(problem, placement, survive) ? flow : 0;
}

/** What a legal placement carries, with certificates. */
export interface OpenEvaluation {
  /** Above 20,000 legal links possibly without those that carry nothing. */
  readonly carried: Evaluation;
  /** The same flow in a network whose minimum cuts are those of the placement. */
  readonly cut: Evaluation;
}

/**
 * Flow and cut of a legal placement over the links that the problem lets tokens take.
 * @throws BugError if a certificate fails.
 */
export function evaluateOpen(problem: PlanningProblem, placement: Placement): OpenEvaluation {
  const hubs = limitsRoutes(problem)
    ? undefined
    : buildHubNetwork(problem.cluster, placement, problem, MANY_LINKS);
  if (hubs !== undefined) return evaluateHubs(problem.cluster, placement, hubs);
  const evaluation = evaluateNetwork(
    problem.cluster,
    placement,
    buildOpenNetwork(problem, placement),
  );
  return { carried: evaluation, cut: evaluation };
}

/** What wires that are shared may take from the flow of chains laid otherwise, as a share: rounding. */
const ROUNDING = 1e-9;

/** The flow network of a legal placement with only the links that the problem lets tokens take. */
export function buildOpenNetwork(problem: PlanningProblem, placement: Placement): PlacementNetwork {
  if (!limitsRoutes(problem)) return buildPlacementNetwork(problem.cluster, placement, problem);
  const { built, maxFlow } = solveConstrainedFlow(problem, placement);
  const quicker =
    problem.constraints.chainsOnly === true
      ? findQuickerChains(problem.cluster, placement, built, maxFlow.flow)
      : undefined;
  if (quicker !== undefined) {
    const network = keepCarryingLinks(built, quicker);
    const { value } = solveByDinic(network.network);
    if (value >= maxFlow.value * (1 - ROUNDING)) return network;
  }
  return keepCarryingLinks(built, maxFlow.flow);
}

import { machineOf } from "../../core/cluster.js";
import { holdsLayers } from "../../core/interval-capacity.js";
import { solveByDinic } from "../../math/flow/dinic.js";
import { evaluateHubs, evaluateNetwork, type Evaluation } from "../graph/evaluate-placement.js";
import { buildHubNetwork } from "../graph/hub-network.js";
import { keepCarryingLinks } from "../graph/open-links.js";
import { buildPlacementNetwork, type PlacementNetwork } from "../graph/placement-network.js";
import type { Placement } from "../../core/placement.js";
import { MANY_LINKS, solveConstrainedFlow } from "./constrained-flow.js";
import type { PlanningProblem } from "./problem.js";

/**
 * Tokens/s that a placement carries (its max flow; with maxDepth or chainsOnly a flow that keeps
 * them), or 0 if it is not a legal placement of the problem: wrong length, intervals outside the model,
 * more layers than a machine holds, a broken pin or drain, too many nodes over a layer.
 */
export function measureThroughput(problem: PlanningProblem, placement: Placement): number {
  if (!isLegal(problem, placement)) return 0;
  if (limitsRoutes(problem)) return solveConstrainedFlow(problem, placement).maxFlow.value;
  const { cluster } = problem;
  const hubs = buildHubNetwork(cluster, placement, problem, MANY_LINKS);
  const graph = hubs?.graph ?? buildPlacementNetwork(cluster, placement, problem);
  return solveByDinic(graph.network).value;
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

/** The flow network of a legal placement with only the links that the problem lets tokens take. */
export function buildOpenNetwork(problem: PlanningProblem, placement: Placement): PlacementNetwork {
  if (!limitsRoutes(problem)) return buildPlacementNetwork(problem.cluster, placement, problem);
  const { built, maxFlow } = solveConstrainedFlow(problem, placement);
  return keepCarryingLinks(built, maxFlow.flow);
}

function limitsRoutes({ constraints }: PlanningProblem): boolean {
  return constraints.maxDepth !== undefined || constraints.chainsOnly === true;
}

/** Whether the placement keeps the problem's rules, whatever it carries. O(covered layers). */
export function isLegal({ cluster, constraints }: PlanningProblem, placement: Placement): boolean {
  if (placement.length !== cluster.nodes.length) return false;
  const covering = new Int32Array(cluster.model.layers);
  const limit = constraints.maxNodesPerStage ?? Infinity;
  return placement.every((interval, node) => {
    const pin = constraints.pins.get(node);
    if (pin !== undefined && (interval?.[0] !== pin[0] || interval[1] !== pin[1])) return false;
    if (interval === null) return true;
    if (constraints.drained.has(node)) return false;
    const [start, end] = interval;
    if (!Number.isInteger(start) || !Number.isInteger(end)) return false;
    if (start < 0 || start >= end || end > cluster.model.layers) return false;
    for (let layer = start; layer < end; layer++) {
      if (++covering[layer]! > limit) return false;
    }
    return holdsLayers(machineOf(cluster, node).capacity, interval);
  });
}

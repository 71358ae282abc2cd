import { machineOf } from "../cluster/cluster.js";
import { solveByDinic } from "../flow/dinic.js";
import { keepCarryingLinks } from "../network/open-links.js";
import { buildPlacementNetwork, type PlacementNetwork } from "../network/placement-network.js";
import type { Placement } from "../placement/placement.js";
import { solveConstrainedFlow } from "./constrained-flow.js";
import type { PlanningProblem } from "./problem.js";

/**
 * Tokens/s that a placement carries (its max flow; with maxDepth or chainsOnly a flow that keeps
 * them), or 0 if it is not a legal placement of the problem: wrong length, intervals outside the model,
 * more layers than a machine holds, a broken pin or drain, too many nodes over a layer.
 */
export function measureThroughput(problem: PlanningProblem, placement: Placement): number {
  if (!isLegal(problem, placement)) return 0;
  if (limitsRoutes(problem)) return solveConstrainedFlow(problem, placement).maxFlow.value;
  return solveByDinic(buildPlacementNetwork(problem.cluster, placement, problem).network).value;
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
    return end - start <= machineOf(cluster, node).capacity.maxLayers;
  });
}

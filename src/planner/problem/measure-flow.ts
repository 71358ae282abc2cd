import { machineOf } from "../../core/cluster.js";
import { holdsLayers } from "../../core/interval-capacity.js";
import type { Placement } from "../../core/placement.js";
import { solveByDinic } from "../../math/flow/dinic.js";
import { buildHubNetwork } from "../graph/hub-network.js";
import { buildPlacementNetwork } from "../graph/placement-network.js";
import { MANY_LINKS, solveConstrainedFlow } from "./constrained-flow.js";
import type { PlanningProblem } from "./problem.js";

/** What {@link measureThroughput} says, whatever a loss would leave. */
export function measureFlow(problem: PlanningProblem, placement: Placement): number {
  if (!isLegal(problem, placement)) return 0;
  if (limitsRoutes(problem)) return solveConstrainedFlow(problem, placement).maxFlow.value;
  const { cluster } = problem;
  const hubs = buildHubNetwork(cluster, placement, problem, MANY_LINKS);
  const graph = hubs?.graph ?? buildPlacementNetwork(cluster, placement, problem);
  return solveByDinic(graph.network).value;
}

/** Whether tokens may not take every legal way. */
export function limitsRoutes({ constraints }: PlanningProblem): boolean {
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

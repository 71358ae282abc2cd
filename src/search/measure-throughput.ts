import { machineOf } from "../cluster/cluster.js";
import { solveByDinic } from "../flow/dinic.js";
import { buildPlacementNetwork } from "../network/placement-network.js";
import type { Placement } from "../placement/placement.js";
import type { PlanningProblem } from "./problem.js";

/**
 * Tokens/s that a placement carries (its max flow), or 0 if it is not a legal placement of the
 * problem: wrong length, intervals outside the model, more layers than a machine holds, a broken pin
 * or drain.
 */
export function measureThroughput(problem: PlanningProblem, placement: Placement): number {
  if (!isLegal(problem, placement)) return 0;
  return solveByDinic(buildPlacementNetwork(problem.cluster, placement, problem).network).value;
}

function isLegal({ cluster, constraints }: PlanningProblem, placement: Placement): boolean {
  if (placement.length !== cluster.nodes.length) return false;
  return placement.every((interval, node) => {
    const pin = constraints.pins.get(node);
    if (pin !== undefined && (interval?.[0] !== pin[0] || interval[1] !== pin[1])) return false;
    if (interval === null) return true;
    if (constraints.drained.has(node)) return false;
    const [start, end] = interval;
    if (!Number.isInteger(start) || !Number.isInteger(end)) return false;
    if (start < 0 || start >= end || end > cluster.model.layers) return false;
    return end - start <= machineOf(cluster, node).capacity.maxLayers;
  });
}

import type { Cluster } from "../core/cluster.js";
import { createNodePorts } from "./node-ports.js";
import { plan as planWithPorts, type PlanOptions, type PlanOutcome } from "../serving/plan/plan.js";

export type { PlanOptions, PlanOutcome } from "../serving/plan/plan.js";

/**
 * Finds a layer placement with the highest throughput and a proven upper bound on it.
 * @throws SolverError, BugError.
 */
export function plan(cluster: Cluster, options: PlanOptions = {}): Promise<PlanOutcome> {
  return planWithPorts(cluster, options, createNodePorts());
}

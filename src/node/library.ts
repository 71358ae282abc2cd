import type { Cluster } from "../core/cluster.js";
import { createNodePorts } from "./node-ports.js";
import { plan as planWithPorts, type PlanOptions, type PlanOutcome } from "../serving/plan/plan.js";
import type { Placement } from "../core/placement.js";
import {
  replan as replanWithPorts,
  type ReplanOptions,
  type ReplanOutcome,
} from "../serving/plan/replan.js";
import {
  findFront as findFrontWithPorts,
  type ParetoOptions,
  type ParetoOutcome,
} from "../serving/plan/find-front.js";
import {
  compare as compareWithCrew,
  type CompareOptions,
  type Comparison,
} from "../serving/simulate/compare.js";
import { createInlineSimulationCrew } from "../serving/simulate/inline-simulations.js";
import { createSimulationWorkers } from "./simulation-workers.js";

/**
 * Finds a layer placement with the highest throughput (tokens/s through the network) or goodput
 * (decode tokens/s served), and an upper bound that no placement of this cluster can exceed. What it
 * returns was re-checked by {@link checkPlacement}. Takes up to `timeLimitSeconds` of wall clock
 * (60 by default); with `iterationLimit` instead, the result depends on nothing but the input.
 * @throws SolverError when the solver cannot be loaded or fails, BugError when the re-check fails.
 */
export function plan(cluster: Cluster, options: PlanOptions = {}): Promise<PlanOutcome> {
  return planWithPorts(cluster, options, createNodePorts());
}

/**
 * Changes a running placement with few bytes to load, says what no change goes below, and in which steps to get there.
 * @param held what the nodes hold now, in the cluster's order: see {@link matchRunning}. Takes up to `timeLimitSeconds`
 * (60 by default). @throws SolverError, BugError.
 */
export function replan(
  cluster: Cluster,
  held: Placement,
  options: ReplanOptions = {},
): Promise<ReplanOutcome> {
  return replanWithPorts(cluster, held, options, createNodePorts());
}

/**
 * Placements between most throughput and least latency, of which none is beaten in throughput, time
 * to first token and time per output token at once. All of them were simulated under full load; where `plan` plans
 * for what is served, they begin with what it chooses.
 * Takes up to `timeLimitSeconds` of wall clock (120 by default).
 * @throws InputError for machines without timing curves, SolverError, BugError.
 */
export function findFront(cluster: Cluster, options: ParetoOptions = {}): Promise<ParetoOutcome> {
  return findFrontWithPorts(cluster, options, createNodePorts());
}

/**
 * Simulates every placement under every scheduler, in `threads` worker threads (2 by default; 0 runs
 * them in this one). Rows come in the order of the input, whoever finishes first.
 * @throws InputError for unknown workloads and machines without timing curves.
 */
export async function compare(
  cluster: Cluster,
  { threads = 2, ...options }: CompareOptions & { readonly threads?: number },
): Promise<Comparison> {
  const crew =
    threads === 0
      ? createInlineSimulationCrew(() => performance.now() / 1000)
      : createSimulationWorkers(threads);
  try {
    return await compareWithCrew(cluster, options, crew);
  } finally {
    await crew.dismiss();
  }
}

import { borderElements } from "./layer-volumes.js";
import { averageLayerSeconds, layerSeconds } from "./layer-seconds.js";
import { buildCountedLattice, stagesAlign } from "./counted-lattice.js";
import { buildListedLattice } from "./listed-lattice.js";
import { countTypeOrders, givenOrder, listTypeOrders } from "./node-orders.js";
import { tabulateIntervals, type PlanRules } from "./interval-tables.js";
import { searchThresholds, type ThresholdResult } from "./threshold-search.js";
import type { LatticeProblem } from "./cut-lattice.js";
import type { Steps } from "./run-steps.js";
import type { StageLattice } from "./stage-lattice.js";
import type { Strategy } from "./strategies.js";
import type { TrainingJob } from "./training-job.js";

export interface ExactOptions extends PlanRules {
  /** `search`: which node takes which ranks is part of the search; `given`: as the job lists them. */
  readonly nodeOrder: "search" | "given";
  /** Dynamic programs per strategy before it is left with a bound. */
  readonly mostEvaluations: number;
}

export const DEFAULT_EXACT_OPTIONS: ExactOptions = {
  timing: "slowest",
  respectMemory: true,
  requireWork: true,
  nodeOrder: "search",
  mostEvaluations: 20_000,
};

/** Node orders listed one by one when stages and nodes do not line up; beyond that only the given one. */
const MOST_LISTED_ORDERS = 1000;
const MOST_STATES = 20_000;

export interface ExactResult {
  readonly search: ThresholdResult;
  /** Nodes in rank order, where a plan was found. */
  readonly order?: readonly number[];
  /** Whether the bound holds for every node order. */
  readonly allOrders: boolean;
}

/**
 * The best plan of one strategy: cut, node order and machine type per stage together, gradient
 * synchronisation included, with a proof or at least a bound.
 * Pauses within every dynamic program.
 * @param cutoff cost from which on a plan is of no interest.
 */
export function* searchExactly(
  job: TrainingJob,
  strategy: Strategy,
  options: ExactOptions,
  cutoff: number = Infinity,
): Steps<ExactResult> {
  const lattice = buildLattice(job, strategy, options);
  const problem = describeProblem(job, strategy, lattice, options);
  const { microBatches } = strategy;
  const search = yield* searchThresholds(problem, microBatches, cutoff, options.mostEvaluations);
  const cut = "cut" in search ? search.cut : undefined;
  return {
    search,
    allOrders: lattice.complete,
    ...(cut === undefined ? {} : { order: lattice.orderOf(cut.path) }),
  };
}

function buildLattice(job: TrainingJob, strategy: Strategy, options: ExactOptions): StageLattice {
  const { cluster } = job;
  if (options.nodeOrder === "search") {
    if (stagesAlign(cluster, strategy)) {
      const lattice = buildCountedLattice(cluster, strategy, MOST_STATES);
      if (lattice !== undefined) return lattice;
    } else if (countTypeOrders(cluster) <= MOST_LISTED_ORDERS) {
      return buildListedLattice(cluster, strategy, listTypeOrders(cluster), true);
    }
  }
  const complete = countTypeOrders(cluster) === 1;
  return buildListedLattice(cluster, strategy, [givenOrder(cluster)], complete);
}

function describeProblem(
  job: TrainingJob,
  strategy: Strategy,
  lattice: StageLattice,
  options: ExactOptions,
): LatticeProblem {
  const volumes = borderElements(job, strategy);
  const tables = tabulateIntervals(job, strategy, lattice.profiles, options);
  const { layers } = tables;
  const least = leastLayerSeconds(job, strategy, options, lattice.profiles.flat());
  const leastRest = new Float64Array(layers + 1);
  for (let b = layers - 1; b >= 0; b--) leastRest[b] = leastRest[b + 1]! + least[b]!;
  return {
    lattice,
    tables,
    leastRest,
    cutBytes: Float64Array.from([0, ...volumes.map((elements) => elements * job.elementBytes)]),
    elementBytes: job.elementBytes,
  };
}

/**
 * Least seconds of every layer on any of the machine types. A stage on several of them takes as long as the
 * slowest machine's sum, which may be less than the sum of each layer's slowest: only single machines bound it.
 */
export function leastLayerSeconds(
  job: TrainingJob,
  strategy: Strategy,
  options: Pick<ExactOptions, "timing">,
  machines: readonly number[],
): readonly number[] {
  if (options.timing === "average") return averageLayerSeconds(job, strategy);
  const each = [...new Set(machines)].map((machine) => layerSeconds(job, strategy, machine));
  return job.layers.map((_, layer) => Math.min(...each.map((seconds) => seconds[layer]!)));
}

/**
 * A lower bound on a strategy's cost in O(L) from layer times alone: no stage is shorter than the
 * largest layer or the mean stage, on the fastest machine.
 * @param leastSeconds least seconds of each layer over the cluster's machine types.
 */
export function quickBound(strategy: Strategy, leastSeconds: readonly number[]): number {
  const fill = leastSeconds.reduce((a, b) => a + b, 0);
  const slowest = Math.max(fill / strategy.stages, ...leastSeconds);
  return (strategy.microBatches - 1) * slowest + fill;
}

import { regionBound } from "./network-bound.js";
import { truncatedSumBound } from "../coverings/compute-bounds.js";
import { describeNetwork } from "./network-model.js";
import { detectRegions } from "../graph/region-detection.js";
import type { Strategy } from "../problem/strategy.js";

/** Partitions into at most so many regions, coarse first: a coarse one is quick, a fine one sees more. */
const PARTITIONS: readonly number[] = [1, 2, 3, 5];

/** Flows tried per partition. */
const TRIALS = 22;

/**
 * Bounds that see what crosses between regions. One step of the budget is one flow tried. One region
 * whose nodes all have links wide enough tells no more than the bounds on compute alone, and is skipped.
 */
export const boundRegions: Strategy = (problem, context) => {
  const { cluster, constraints } = problem;
  const { drained } = constraints;
  const whole = describeNetwork(cluster, detectRegions(cluster, { maxRegions: 1 }), drained);
  const computed = truncatedSumBound(whole.classes, whole.layers);
  let steps = context.iterations;
  let lastCount = 0;
  for (const maxRegions of PARTITIONS) {
    const upperBound = Math.min(computed, context.upperBound());
    const regions = detectRegions(cluster, { maxRegions, flowBound: upperBound });
    if (regions.count === lastCount) continue;
    lastCount = regions.count;
    if (regions.count === 1 && whole.bestLink.every((link) => link >= upperBound)) continue;
    if (steps <= 0 || context.shouldStop()) return;
    regionBound(cluster, regions, drained, context.solver, {
      feasible: context.incumbent()?.throughput ?? 0,
      upperBound: context.upperBound(),
      maxTrials: Math.min(TRIALS, steps),
      shouldStop: () => context.shouldStop(),
      onBound: (value, name) => context.offerBound(value, name),
    });
    steps -= TRIALS;
  }
};

import { regionBound, truncatedSum } from "../bounds/network-bound.js";
import { describeNetwork } from "../bounds/network-model.js";
import { detectRegions } from "../network/region-detection.js";
import type { Strategy } from "./strategy.js";

/** Partitions into at most so many regions, coarse first: a coarse one is quick, a fine one sees more. */
const PARTITIONS: readonly number[] = [1, 2, 3, 5];

/**
 * Bounds that see what crosses between regions. With a finite budget one step is one trial of the bisection.
 */
export const boundRegions: Strategy = (problem, context) => {
  const { cluster, constraints } = problem;
  let steps = context.iterations;
  let lastCount = 0;
  for (const maxRegions of PARTITIONS) {
    const whole = describeNetwork(
      cluster,
      detectRegions(cluster, { maxRegions: 1 }),
      constraints.drained,
    );
    const flowBound = Math.min(truncatedSum(whole), context.upperBound());
    const regions = detectRegions(cluster, { maxRegions, flowBound });
    if (regions.count === lastCount || context.shouldStop()) continue;
    lastCount = regions.count;
    regionBound(cluster, regions, constraints.drained, context.solver, {
      feasible: context.incumbent()?.throughput ?? 0,
      upperBound: context.upperBound(),
      maxTrials: Math.min(40, steps),
      shouldStop: () => context.shouldStop(),
      onBound: (value, name) => context.offerBound(value, name),
    });
    steps -= 40;
    if (steps <= 0) return;
  }
};

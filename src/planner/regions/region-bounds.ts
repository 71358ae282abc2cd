import type { RegionMap } from "../graph/region-detection.js";
import { handoverBound } from "./handover-bound.js";
import { describeHandovers } from "./handover-model.js";
import type { Cluster } from "../../core/cluster.js";
import { regionBound } from "./network-bound.js";
import { truncatedSumBound } from "../coverings/compute-bounds.js";
import { describeNetwork } from "./network-model.js";
import { detectRegions } from "../graph/region-detection.js";
import type { Strategy } from "../problem/strategy.js";

/** Partitions into at most so many regions, coarse first: a coarse one is quick, a fine one sees more. */
const PARTITIONS: readonly number[] = [1, 2, 3, 5];

/** Flows tried per partition. */
const TRIALS = 22;
/** The same for what nodes hand over; it looks at as many regions. */
const HANDOVER_TRIALS = 8;
const MOST_HANDOVER_REGIONS = 6;

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
  const upTo = Math.min(computed, context.upperBound());
  if (steps > 0 && whole.bestLink.some((link) => link < upTo)) {
    const model = describeHandovers(cluster, partByRegion(cluster, upTo), drained);
    handoverBound(model, context.solver, {
      feasible: context.incumbent()?.throughput ?? 0,
      upperBound: upTo,
      maxTrials: Math.min(HANDOVER_TRIALS, steps),
      shouldStop: () => context.shouldStop(),
      onBound: (value) => context.offerBound(value, "handovers"),
    });
  }
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

/** As declared: nodes of a region have links of the same width to all others, if not told otherwise. By their links if there are too many. */
function partByRegion(cluster: Cluster, flowBound: number): Pick<RegionMap, "count" | "regionOf"> {
  const count = cluster.regions.length;
  if (count > MOST_HANDOVER_REGIONS)
    return detectRegions(cluster, { maxRegions: MOST_HANDOVER_REGIONS, flowBound });
  return { count, regionOf: Int32Array.from(cluster.nodes, ({ region }) => region) };
}

import { OUTWARD } from "../coverings/compute-bounds.js";
import { layNodes } from "../problem/chain.js";
import { usesPartialLinks, type PlanningProblem } from "../problem/problem.js";
import type { SearchContext } from "../problem/strategy.js";
import { priceCovers } from "./cover-prices.js";
import { sweepLayers } from "./layer-sweep.js";
import { describeSweepNodes, type SweepNodes } from "./sweep-limits.js";

/** One sweep, a step at a time: about a millisecond. */
export type Sweep = ReturnType<typeof sweepLayers>;

/** Sweeps over one problem whose placements are offered. */
export interface Sweeps {
  /** (1/L)·Σ max k·T(k), rounded outwards: tokens/s that no placement exceeds. */
  readonly computeSum: number;
  /** One for a flow, see {@link sweepLayers}. When it is done, no placement carries more than that, or than `unkept`, or than was offered. */
  sweepFor(flow: () => number, most: () => number, backward?: boolean): Sweep;
  /** The most that placements promise which were offered and did not carry it. */
  unkept(): number;
}

export function createSweeps(
  problem: PlanningProblem,
  nodes: readonly number[],
  context: SearchContext,
): Sweeps {
  const described = describeSweepNodes(problem.cluster, nodes);
  const partial = usesPartialLinks(problem);
  const coverPrices = priceCovers(problem, nodes, context);
  let unkept = 0;
  return {
    computeSum: computeSum(described),
    sweepFor: (flow, most, backward = false) =>
      sweepLayers(
        described,
        { partial, backward },
        {
          flow,
          most,
          prices: coverPrices,
          onPlacement(intervals, promised) {
            const laid = intervals.flatMap((interval, i) =>
              interval === null ? [] : [[nodes[i]!, interval] as const],
            );
            const carried = context.offer(layNodes(problem, laid));
            if (carried < promised) unkept = Math.max(unkept, promised);
          },
        },
      ),
    unkept: () => unkept,
  };
}

function computeSum({ best, layers }: SweepNodes): number {
  const most = (rates: Float64Array): number =>
    rates.reduce((work, rate, k) => (k <= layers ? Math.max(work, k * rate) : work), 0);
  return (best.reduce((sum, rates) => sum + most(rates), 0) / layers) * (1 + OUTWARD);
}

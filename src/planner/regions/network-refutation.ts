import type { Solver } from "../../math/lp/solver.js";
import { buildMaster } from "./network-master.js";
import { listBorders } from "./network-levels.js";
import { boundWithin, type NetworkModel } from "./network-model.js";
import {
  findPatternsQuickly,
  pricePatterns,
  type LayerPattern,
  type PricedPatterns,
} from "./network-pricing.js";

/** Coverings found so far, kept from one flow to the next. */
export interface RegionRefuter {
  /** Whether no placement can carry this flow. Never true wrongly. */
  refutes(flow: number): boolean;
}

export interface RefutationOptions {
  readonly shouldStop?: () => boolean;
  /** Most pricing rounds for one flow. */
  readonly maxRounds?: number;
}

const SAFETY = 1e-9;
const LEAST_GAIN = 1e-9;
/** Rows are scaled to about 1; a minimum this little above 1 may still be rounding. */
const LEAST_EXCESS = 1e-7;
const POOL_LIMIT = 4000;

/**
 * Region bound by column generation (see {@link buildMaster}). With prices y from the master LP,
 * its Lagrangian bound less L times the best price gain bounds the minimum over all coverings from
 * below: Σ w = L. So a refutation rests on the prices and the pricing alone.
 */
export function createRegionRefuter(
  model: NetworkModel,
  solver: Solver,
  options: RefutationOptions = {},
): RegionRefuter {
  const { maxRounds = 200, shouldStop = () => false } = options;
  const setBounds = Float64Array.from({ length: 1 << model.regionCount }, (_, set) =>
    boundWithin(model, set),
  );
  let pool: LayerPattern[] = [];
  return {
    refutes(target) {
      const flow = target * (1 - SAFETY);
      const lonely = Uint8Array.from(model.bestLink, (link) => (link < flow ? 1 : 0));
      const master = buildMaster(model, listBorders(model, flow), lonely, flow, setBounds);
      for (const pattern of pool) {
        if (sum(pattern.rates) >= flow) master.builder.addColumn(master.toColumn(pattern));
      }
      const task = { classes: model.classes, regionCount: model.regionCount, flow, lonely };
      const lp = solver.openLp(master.builder.build());
      try {
        for (let round = 0; round < maxRounds && !shouldStop(); round++) {
          const result = lp.solve();
          if (result.status === "infeasible") return false;
          if (result.status !== "optimal" || result.rowDuals === undefined) return false;
          if (result.objective! <= 1 + LEAST_EXCESS) return false;
          const prices = master.toPrices(result.rowDuals);
          let useful = usefulOnes(findPatternsQuickly(task, prices));
          if (useful.length === 0) {
            const exact = pricePatterns(task, prices);
            const bound = result.bound - model.layers * exact.bestGain;
            if (bound > 1 + LEAST_EXCESS) return true;
            useful = usefulOnes(exact);
            if (useful.length === 0) return false;
          }
          pool.push(...useful.map(({ pattern }) => pattern));
          lp.addColumns(useful.map(({ pattern }) => master.toColumn(pattern)));
        }
        return false;
      } finally {
        lp.dispose();
        if (pool.length > POOL_LIMIT) pool = pool.slice(-POOL_LIMIT / 2);
      }
    },
  };
}

function usefulOnes({ patterns }: PricedPatterns): PricedPatterns["patterns"] {
  return patterns.filter(({ gain }) => gain > LEAST_GAIN);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

import { OUTWARD } from "../planner/coverings/compute-bounds.js";
import { listLayerItems, listMost } from "../planner/coverings/configuration-lp.js";
import { findCheapestCover, type CoverSearch } from "../planner/coverings/cover-knapsack.js";
import type { Solver } from "../math/lp/solver.js";
import { openCostLp, openLayerLp, supplyRows, toColumn, type Covering } from "./mix-lps.js";
import { countByGroup, type MixGroup, type MixProblem } from "./mix-problem.js";

/** Every mix that carries the flow has Σ_g price_g·N_g ≥ least, N_g rows of cards of group g in all. */
export interface MixCut {
  readonly price: readonly number[];
  readonly least: number;
}

/** What machines are needed for a throughput, as linear inequalities over their counts. */
export interface MixCuts {
  /** Cuts of one flow; undefined when no machines on offer can carry it over even one layer. */
  open(flow: number): FlowCuts | undefined;
}

export interface FlowCuts {
  /** All cuts known at this flow: valid for every mix, whatever the links. */
  readonly cuts: readonly MixCut[];
  /** Adds a cut that the mix breaks, if the configuration LP refutes it. @returns whether it does. */
  refutes(counts: readonly number[]): boolean;
  dispose(): void;
}

/** Prices remembered from flow to flow. */
const MOST_PRICES = 48;

/**
 * Benders cuts from the configuration LP. A layer is covered at flow F by a multiset of (class, k)
 * items with Σ T ≥ F, an item of k layers costing 1/k of a node. For prices y ≥ 0 of nodes let
 * λ(y) be the price of the cheapest covering (a knapsack): then every mix that reaches F has
 * Σ y_t·n_t ≥ L·λ(y), n_t nodes of class t. However a row of cards is shared out, its parts are worth no more than
 * those of its dearest pattern, Y_g: hence Σ Y_g·N_g ≥ L·λ(y). The cut rests on y and the knapsack alone; the LP only proposes y. Group
 * limits of the knapsack are all nodes there can be, so a cut holds for every mix.
 */
export function createMixCuts(
  problem: MixProblem,
  solver: Solver,
  shouldStop: () => boolean,
): MixCuts {
  const { classes, groups, layers, offers } = problem;
  const items = listLayerItems(classes.map(({ options }) => ({ nodes: [], options })));
  const limits = {
    groupLimits: listMost(
      classes.map(() => 0),
      groups,
    ),
    maxItems: Infinity,
  };
  const pool: Covering[] = [];
  const prices: (readonly number[])[] = [];

  const cover = (price: readonly number[], required: number): CoverSearch =>
    findCheapestCover(
      items.map(({ machineClass, layers: held, rate }) => ({
        rate,
        cost: price[machineClass]! / held,
        group: machineClass,
      })),
      required,
      limits,
    );
  const toCut = (price: readonly number[], lowerBound: number): MixCut => ({
    price: groups.map((group) => priceGroup(group, price)),
    least: lowerBound * layers * (1 - OUTWARD),
  });
  const remember = (price: readonly number[]): void => {
    prices.push(price);
    if (prices.length > MOST_PRICES) prices.shift();
  };

  return {
    open(flow) {
      const required = flow * (1 - OUTWARD);
      const start = startPrices(problem);
      const first = cover(start, required);
      if (first.cover === undefined && first.lowerBound === Infinity) return undefined;
      const cuts = [start, ...prices].map((price) =>
        toCut(price, cover(price, required).lowerBound),
      );
      const add = (found: readonly number[]): Covering => {
        const rate = found.reduce((sum, item) => sum + items[item]!.rate, 0);
        const covering = { items: found, rate };
        pool.push(covering);
        return covering;
      };
      if (first.cover !== undefined) add(first.cover);
      const serving = pool.filter(({ rate }) => rate >= required);

      const relaxation = openCostLp(problem, solver, items, serving);
      try {
        while (!shouldStop()) {
          const result = relaxation.solve();
          if (result.status !== "optimal" || result.rowDuals === undefined) break;
          const price = Array.from(result.rowDuals.subarray(0, classes.length), (dual) =>
            Math.max(0, dual),
          );
          const value = Math.max(0, result.rowDuals[classes.length]!);
          const found = cover(price, required);
          if (found.cover === undefined || found.cost >= value * (1 - 1e-7)) {
            cuts.push(toCut(price, found.lowerBound));
            remember(price);
            break;
          }
          const covering = add(found.cover);
          serving.push(covering);
          relaxation.addColumns([toColumn(covering, items, classes.length)]);
        }
      } finally {
        relaxation.dispose();
      }

      const lp = openLayerLp(problem, solver, items, serving);
      return {
        cuts,
        refutes(counts) {
          const rows = countByGroup(problem, counts);
          supplyRows(problem, rows).forEach((count, row) =>
            lp.changeRowBounds(row, -Infinity, count),
          );
          while (!shouldStop()) {
            const result = lp.solve();
            if (result.status !== "optimal" || result.rowDuals === undefined) return false;
            if (result.objective! >= layers * (1 - OUTWARD)) return false;
            const price = Array.from(result.rowDuals.subarray(0, classes.length), (dual) =>
              Math.max(0, dual),
            );
            const found = cover(price, required);
            const cut = toCut(price, found.lowerBound);
            const spent = rows.reduce((sum, count, g) => sum + count * cut.price[g]!, 0);
            if (spent < cut.least * (1 - OUTWARD)) {
              cuts.push(cut);
              remember(price);
              return true;
            }
            if (found.cover === undefined || found.cost >= 1 - OUTWARD) return false;
            const covering = add(found.cover);
            lp.addColumns([toColumn(covering, items, -1)]);
          }
          return false;
        },
        dispose: () => lp.dispose(),
      };
    },
  };

  function startPrices({ classes: all }: MixProblem): readonly number[] {
    return all.map((_, t) => {
      const each = offers.flatMap(({ groups: rows, pricePerHour }) =>
        rows.flatMap((row) =>
          groups[row]!.patterns.flatMap((pattern) =>
            pattern.flatMap(([own, count]) => (own === t ? [pricePerHour / count] : [])),
          ),
        ),
      );
      return Math.max(1e-3, Math.min(...each, 1e3));
    });
  }
}

/** The most that parts of one row of cards are worth, however it is shared out. */
function priceGroup({ patterns }: MixGroup, price: readonly number[]): number {
  const worth = patterns.map((pattern) =>
    pattern.reduce((sum, [t, count]) => sum + count * price[t]!, 0),
  );
  return Math.max(0, ...worth);
}

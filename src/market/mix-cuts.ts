import { OUTWARD } from "../planner/coverings/compute-bounds.js";
import { listLayerItems, type LayerItem } from "../planner/coverings/configuration-lp.js";
import { findCheapestCover, type CoverSearch } from "../planner/coverings/cover-knapsack.js";
import { createModelBuilder, type ColumnSpec } from "../math/lp/model-builder.js";
import type { PersistentLp, Solver } from "../math/lp/solver.js";
import { countByClass, type MixProblem } from "./mix-problem.js";

/** Every mix that carries the flow has Σ_t price_t·N_t ≥ least, N_t machines of class t in all. */
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

interface Covering {
  readonly items: readonly number[];
  readonly rate: number;
}

/** Prices remembered from flow to flow. */
const MOST_PRICES = 48;

/**
 * Benders cuts from the configuration LP. A layer is covered at flow F by a multiset of (class, k)
 * items with Σ T ≥ F, an item of k layers costing 1/k of a machine. For prices y ≥ 0 of machines let
 * λ(y) be the price of the cheapest covering (a knapsack): then every mix that reaches F has
 * Σ y_t·N_t ≥ L·λ(y). The cut rests on y and the knapsack alone; the LP only proposes y. Group
 * limits of the knapsack are all machines there can be, so a cut holds for every mix.
 */
export function createMixCuts(
  problem: MixProblem,
  solver: Solver,
  shouldStop: () => boolean,
): MixCuts {
  const { classes, layers, offers } = problem;
  const items = listLayerItems(classes.map(({ options }) => ({ nodes: [], options })));
  const limits = { groupLimits: classes.map(({ most }) => most), maxItems: Infinity };
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
    price,
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
          const machines = countByClass(problem, counts);
          machines.forEach((count, t) => lp.changeRowBounds(t, -Infinity, count));
          while (!shouldStop()) {
            const result = lp.solve();
            if (result.status !== "optimal" || result.rowDuals === undefined) return false;
            if (result.objective! >= layers * (1 - OUTWARD)) return false;
            const price = Array.from(result.rowDuals, (dual) => Math.max(0, dual));
            const found = cover(price, required);
            const cut = toCut(price, found.lowerBound);
            const spent = machines.reduce((sum, count, t) => sum + count * price[t]!, 0);
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
      const own = offers.filter(({ machineClass }) => machineClass === t);
      return Math.max(1e-3, Math.min(...own.map(({ pricePerHour }) => pricePerHour), 1e3));
    });
  }
}

/** A covering as a column: 1/k machines per item, and one layer (row `layerRow`, where there is one). */
function toColumn(covering: Covering, items: readonly LayerItem[], layerRow: number): ColumnSpec {
  const rows = covering.items.map((item) => items[item]!.machineClass);
  const values = covering.items.map((item) => 1 / items[item]!.layers);
  if (layerRow < 0) return { lower: 0, upper: Infinity, cost: 1, entries: [rows, values] };
  return {
    lower: 0,
    upper: Infinity,
    cost: 0,
    entries: [
      [...rows, layerRow],
      [...values.map((value) => -value), 1],
    ],
  };
}

/** Least cost of fractional machines that cover all layers; uncovered layers are dear. */
function openCostLp(
  problem: MixProblem,
  solver: Solver,
  items: readonly LayerItem[],
  coverings: readonly Covering[],
): PersistentLp {
  const { classes, offers, layers } = problem;
  const builder = createModelBuilder("minimize");
  for (const { kept } of classes) builder.addRow({ lower: -kept, upper: Infinity });
  const layerRow = builder.addRow({ lower: layers, upper: Infinity });
  let dear = 1;
  for (const { machineClass, available, pricePerHour } of offers) {
    dear += available * pricePerHour;
    const entries = [[machineClass], [1]] as const;
    builder.addColumn({ lower: 0, upper: available, cost: pricePerHour, entries });
  }
  builder.addColumn({ lower: 0, upper: Infinity, cost: 10 * dear, entries: [[layerRow], [1]] });
  for (const covering of coverings) builder.addColumn(toColumn(covering, items, layerRow));
  return solver.openLp(builder.build());
}

/** Most layers that given numbers of machines cover; the row bounds are set per mix. */
function openLayerLp(
  problem: MixProblem,
  solver: Solver,
  items: readonly LayerItem[],
  coverings: readonly Covering[],
): PersistentLp {
  const builder = createModelBuilder("maximize");
  for (const { kept } of problem.classes) builder.addRow({ lower: -Infinity, upper: kept });
  for (const covering of coverings) builder.addColumn(toColumn(covering, items, -1));
  return solver.openLp(builder.build());
}

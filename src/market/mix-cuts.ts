import { OUTWARD } from "../planner/coverings/compute-bounds.js";
import { listLayerItems, listMost, type LayerItem } from "../planner/coverings/configuration-lp.js";
import { findCheapestCover, type CoverSearch } from "../planner/coverings/cover-knapsack.js";
import {
  createModelBuilder,
  type ColumnSpec,
  type ModelBuilder,
} from "../math/lp/model-builder.js";
import type { PersistentLp, Solver } from "../math/lp/solver.js";
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

interface Covering {
  readonly items: readonly number[];
  readonly rate: number;
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

/**
 * Nodes by class that rows of cards surely are, and for groups with a choice the rows themselves: the right-hand
 * sides of the supply rows, in the order of {@link freeGroups}.
 */
function supplyRows(problem: MixProblem, rows: ArrayLike<number>): readonly number[] {
  const nodes = problem.classes.map(() => 0);
  problem.groups.forEach(({ patterns }, g) => {
    if (patterns.length === 1) for (const [t, count] of patterns[0]!) nodes[t]! += count * rows[g]!;
  });
  return [...nodes, ...freeGroups(problem).map((g) => rows[g]!)];
}

/** Groups whose rows can be shared out in several ways. */
function freeGroups({ groups }: MixProblem): readonly number[] {
  return [...groups.keys()].filter((g) => groups[g]!.patterns.length !== 1);
}

/** A covering as a column: 1/k nodes per item, and one layer (row `layerRow`, where there is one). */
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
  const { classes, groups, offers, layers } = problem;
  const builder = createModelBuilder("minimize");
  const kept = supplyRows(
    problem,
    groups.map((group) => group.kept),
  );
  for (const own of kept.slice(0, classes.length)) builder.addRow({ lower: -own, upper: Infinity });
  const layerRow = builder.addRow({ lower: layers, upper: Infinity });
  const rowOf = new Map(
    freeGroups(problem).map((g, at) => {
      const lower = -kept[classes.length + at]!;
      return [g, builder.addRow({ lower, upper: Infinity })] as const;
    }),
  );
  let dear = 1;
  for (const { groups: own, available, pricePerHour } of offers) {
    dear += available * pricePerHour;
    const entries = sumEntries(
      own.flatMap((g) => (rowOf.has(g) ? [[rowOf.get(g)!, 1] as const] : groups[g]!.patterns[0]!)),
    );
    builder.addColumn({ lower: 0, upper: available, cost: pricePerHour, entries });
  }
  addPatternColumns(builder, problem, rowOf, -1);
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
  const kept = supplyRows(
    problem,
    problem.groups.map((group) => group.kept),
  );
  for (const own of kept) builder.addRow({ lower: -Infinity, upper: own });
  const first = problem.classes.length;
  const rowOf = new Map(freeGroups(problem).map((g, at) => [g, first + at] as const));
  addPatternColumns(builder, problem, rowOf, 1);
  for (const covering of coverings) builder.addColumn(toColumn(covering, items, -1));
  return solver.openLp(builder.build());
}

/** A column per pattern of rows that can be shared out: `sign` in the row that counts them, the parts in their classes' rows. */
function addPatternColumns(
  builder: ModelBuilder,
  { groups }: MixProblem,
  rowOf: ReadonlyMap<number, number>,
  sign: 1 | -1,
): void {
  for (const [g, row] of rowOf) {
    for (const pattern of groups[g]!.patterns) {
      const parts = pattern.map(([t, count]) => [t, -sign * count] as const);
      const entries = sumEntries([...parts, [row, sign]]);
      builder.addColumn({ lower: 0, upper: Infinity, cost: 0, entries });
    }
  }
}

/** Coefficients by row, each row once. */
function sumEntries(
  pairs: readonly (readonly [row: number, value: number])[],
): readonly [readonly number[], readonly number[]] {
  const byRow = new Map<number, number>();
  for (const [row, value] of pairs) byRow.set(row, (byRow.get(row) ?? 0) + value);
  return [[...byRow.keys()], [...byRow.values()]];
}

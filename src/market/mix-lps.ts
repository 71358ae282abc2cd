import type { LayerItem } from "../planner/coverings/configuration-lp.js";
import {
  createModelBuilder,
  type ColumnSpec,
  type ModelBuilder,
} from "../math/lp/model-builder.js";
import type { PersistentLp, Solver } from "../math/lp/solver.js";
import type { MixProblem } from "./mix-problem.js";

/** Items that together cover one layer, and the tokens/s that they carry. */
export interface Covering {
  readonly items: readonly number[];
  readonly rate: number;
}

/**
 * Nodes by class that rows of cards surely are, and for groups with a choice the rows themselves: the right-hand
 * sides of the supply rows, in the order of {@link freeGroups}.
 */
export function supplyRows(problem: MixProblem, rows: ArrayLike<number>): readonly number[] {
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
export function toColumn(
  covering: Covering,
  items: readonly LayerItem[],
  layerRow: number,
): ColumnSpec {
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
export function openCostLp(
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
export function openLayerLp(
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

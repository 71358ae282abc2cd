import type { LinearModel } from "../../math/lp/linear-model.js";
import { createModelBuilder } from "../../math/lp/model-builder.js";
import type { SolveOptions, SolveResult, Solver } from "../../math/lp/solver.js";
import { ROUNDING } from "./cover-model.js";
import type { MixedRun } from "./mixed-rows.js";
import { MIXED, type Change, type RegionRows, type RegionSet } from "./region-rows.js";

/** Of what a row asks for, by which all that could give it must fall short to refute it. */
const SHORT = 1e-9;

/** The regions that compute the first layers, layer by layer; the others may be computed by any. */
export type Way = readonly RegionSet[];

/** Columns of the cover that a solution could have, and what having one costs beyond the relaxation's bound. */
export interface Relaxed {
  readonly bound: number;
  readonly columns: Int32Array;
  readonly reducedCosts: Float64Array;
}

/** The cover with the rows of a way: some of the columns, in their order. */
interface WayModel {
  readonly model: LinearModel;
  readonly columns: Int32Array;
}

export function listChanges(way: Way): readonly Change[] {
  return way.flatMap((after, border) => {
    const before = way[border - 1];
    return before === undefined || before === after ? [] : [{ border, before, after }];
  });
}

/** Layers in a row that several regions compute, whichever these are. */
function listMixed(way: Way): readonly MixedRun[] {
  const isMixed = (set: RegionSet): boolean => (set & (set - 1)) !== 0 || set === MIXED;
  const runs: MixedRun[] = [];
  for (let from = 0; from < way.length; from++) {
    if (!isMixed(way[from]!)) continue;
    let to = from;
    while (to < way.length && isMixed(way[to]!)) to += 1;
    runs.push({ from, to, before: way[from - 1], after: way[to] });
    from = to;
  }
  return runs;
}

/** The columns that could be in a solution below the limit: any other costs the relaxation and its reduced cost at least. */
export function keepBelow({ bound, columns, reducedCosts }: Relaxed, limit: number): Int32Array {
  const spare = (limit - bound) * (1 + ROUNDING) + ROUNDING;
  return columns.filter((_, at) => reducedCosts[at]! <= spare);
}

/**
 * The relaxation of a way over some columns; undefined where there is no solution, "open" where that was not found out.
 * @param leaves whether others than at its end compute the layer behind it, whichever these are.
 */
export function relaxWay(
  rows: RegionRows,
  way: Way,
  columns: Int32Array,
  solver: Solver,
  { leaves = false, ...options }: SolveOptions & { readonly leaves?: boolean },
): Relaxed | "open" | undefined {
  const built = buildWay(rows, way, columns, leaves);
  if (built === undefined) return undefined;
  const { status, bound, reducedCosts } = solver.solve(built.model, {
    ...options,
    relax: true,
    presolve: false,
  });
  if (status === "infeasible") return undefined;
  if (status !== "optimal" || reducedCosts === undefined) return "open";
  return { bound, columns, reducedCosts };
}

/** Branch and bound of a way over some columns; `columns` of what it found are those of the whole cover. */
export function solveWay(
  rows: RegionRows,
  way: Way,
  columns: Int32Array,
  solver: Solver,
  options: SolveOptions,
): SolveResult | undefined {
  const built = buildWay(rows, way, columns);
  if (built === undefined) return undefined;
  const { columns: found, ...result } = solver.solve(built.model, options);
  if (found === undefined) return result;
  const whole = new Float64Array(rows.cover.columnCount);
  columns.forEach((column, at) => (whole[column] = found[at]!));
  return { ...result, columns: whole };
}

/** Undefined where no solution of whole or broken columns meets one of its rows. */
function buildWay(
  rows: RegionRows,
  way: Way,
  columns: Int32Array,
  leaves = false,
): WayModel | undefined {
  const { cover } = rows;
  const places = new Int32Array(cover.columnCount).fill(-1);
  const builder = createModelBuilder("minimize", cover.objectiveOffset);
  columns.forEach((column, at) => {
    places[column] = at;
    builder.addColumn({
      lower: cover.columnLower[column]!,
      upper: cover.columnUpper[column]!,
      cost: cover.cost[column]!,
      integer: cover.integer[column] === 1,
    });
  });
  const add = (
    lower: number,
    upper: number,
    indices: ArrayLike<number>,
    values: ArrayLike<number>,
    counts: (column: number) => boolean = () => true,
  ): boolean => {
    const entries: [number[], number[]] = [[], []];
    let most = 0;
    for (let k = 0; k < indices.length; k++) {
      const at = places[indices[k]!]!;
      if (at < 0 || !counts(indices[k]!)) continue;
      entries[0].push(at);
      entries[1].push(values[k]!);
      most += Math.max(0, values[k]! * cover.columnUpper[indices[k]!]!);
    }
    builder.addRow({ lower, upper, entries });
    return !(most < lower - SHORT);
  };
  for (let row = 0; row < cover.rowCount; row++) {
    const [from, to] = [cover.rowStart[row]!, cover.rowStart[row + 1]!];
    const set = way[rows.layerOf[row]!];
    const met = add(
      cover.rowLower[row]!,
      cover.rowUpper[row]!,
      cover.columnIndex.subarray(from, to),
      cover.value.subarray(from, to),
      set === undefined || set === MIXED ? undefined : (column) => (rows.bits[column]! & set) > 0,
    );
    if (!met) return undefined;
  }
  const more = way.flatMap((set, layer) => rows.ofLayer(layer, set));
  for (const change of listChanges(way)) {
    const own = rows.ofChange(change);
    if (own === undefined) return undefined;
    more.push(...own);
  }
  if (leaves) more.push(...rows.ofLeaving(way.length, way.at(-1)!));
  for (const run of listMixed(way)) {
    const own = rows.ofMixed(run);
    if (own === undefined) return undefined;
    more.push(...own);
  }
  for (const { lower, upper, entries } of more)
    if (!add(lower, upper, entries![0], entries![1])) return undefined;
  return { model: builder.build(), columns };
}

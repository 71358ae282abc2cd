import type { Highs } from "highs";
import { BugError } from "../../core/errors.js";
import { dropObjective, relaxModel } from "../lp/derive-model.js";
import type { LinearModel } from "../lp/linear-model.js";
import { extendModel, mergeEntries, type SparseEntries } from "../lp/model-builder.js";
import type { LpOptions, PersistentLp } from "../lp/solver.js";
import { setHighsOptions, toHighsModel } from "./highs-model.js";
import { runHighs } from "./highs-run.js";
import { sealResult } from "./seal-result.js";
import { solveTrivial } from "./solve-trivial.js";

/** HiGHS's codes of simplex_strategy. */
const DUAL_SIMPLEX = 1;
const PRIMAL_SIMPLEX = 4;

/** Entries of columns or rows that come in together, as HiGHS takes them. */
function packEntries(
  vectors: readonly { readonly entries?: SparseEntries }[],
  indexCount: number,
): { readonly starts: Int32Array; readonly indices: Int32Array; readonly values: Float64Array } {
  const starts = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const { entries } of vectors) {
    const [at, by] = mergeEntries(entries ?? [[], []], indexCount);
    for (let k = 0; k < at.length; k++) {
      if (by[k] === 0) continue;
      indices.push(at[k]!);
      values.push(by[k]!);
    }
    starts.push(indices.length);
  }
  return {
    starts: Int32Array.from(starts),
    indices: Int32Array.from(indices),
    values: Float64Array.from(values),
  };
}

/**
 * An LP that keeps its simplex basis between solves. New columns and costs leave the basis primal
 * feasible, so the primal simplex continues from there; changed bounds and new rows leave it dual feasible, so
 * the dual simplex does.
 */
export function openHighsLp(highs: Highs, model: LinearModel): PersistentLp {
  const mirror = extendModel(relaxModel(model));
  const instance = highs.createModel(toHighsModel(highs, mirror.build()));
  let strategy = DUAL_SIMPLEX;
  const alive = (): void => {
    if (instance.disposed) throw new BugError("an LP was used after dispose");
  };
  return {
    columnCount: () => mirror.columnCount(),
    rowCount: () => mirror.rowCount(),
    addColumns(columns) {
      alive();
      const first = mirror.columnCount();
      const packed = packEntries(columns, mirror.rowCount());
      for (const column of columns) mirror.addColumn({ ...column, integer: false });
      if (columns.length === 0) return first;
      instance.addCols({
        cost: Float64Array.from(columns, (column) => column.cost),
        lower: Float64Array.from(columns, (column) => column.lower),
        upper: Float64Array.from(columns, (column) => column.upper),
        matrix: {
          format: "csc",
          numRows: mirror.rowCount(),
          numCols: columns.length,
          ...packed,
        },
      });
      strategy = PRIMAL_SIMPLEX;
      return first;
    },
    addRows(rows) {
      alive();
      const first = mirror.rowCount();
      const packed = packEntries(rows, mirror.columnCount());
      for (const row of rows) mirror.addRow(row);
      if (rows.length === 0) return first;
      instance.addRows({
        lower: Float64Array.from(rows, (row) => row.lower),
        upper: Float64Array.from(rows, (row) => row.upper),
        matrix: {
          format: "csr",
          numRows: rows.length,
          numCols: mirror.columnCount(),
          ...packed,
        },
      });
      strategy = DUAL_SIMPLEX;
      return first;
    },
    changeColumnBounds(column, lower, upper) {
      alive();
      mirror.setColumnBounds(column, lower, upper);
      instance.changeColBounds(column, lower, upper);
      strategy = DUAL_SIMPLEX;
    },
    changeRowBounds(row, lower, upper) {
      alive();
      mirror.setRowBounds(row, lower, upper);
      instance.changeRowBounds(row, lower, upper);
      strategy = DUAL_SIMPLEX;
    },
    changeCosts(columns, costs) {
      alive();
      if (columns.length !== costs.length)
        throw new BugError(`${columns.length} columns with ${costs.length} costs`);
      for (let k = 0; k < columns.length; k++) mirror.setCost(columns[k]!, costs[k]!);
      for (let k = 0; k < columns.length; k++) instance.changeColCost(columns[k]!, costs[k]!);
      strategy = PRIMAL_SIMPLEX;
    },
    solve(options: LpOptions = {}) {
      alive();
      const current = mirror.build();
      const trivial = solveTrivial(current);
      if (trivial !== undefined) return sealResult(current, trivial);
      setHighsOptions(instance, options);
      instance.options.set({ solver: "simplex", simplex_strategy: strategy });
      instance.zeroAllClocks(); // time_limit counts every run since the last reset
      let claim = runHighs(highs, instance, current, options);
      if (claim.status === "failed" && !claim.ambiguous) {
        // A basis that has seen many changes may lead nowhere; the LP alone hardly ever does.
        instance.clearSolver();
        instance.options.set({ simplex_strategy: DUAL_SIMPLEX });
        claim = runHighs(highs, instance, current, options);
      }
      if (!claim.ambiguous) return sealResult(current, claim);
      const settled = highs.withModel(toHighsModel(highs, dropObjective(current)), (bare) => {
        setHighsOptions(bare, options);
        return runHighs(highs, bare, dropObjective(current), options);
      });
      return sealResult(
        current,
        settled.columns === undefined ? settled : { status: "unbounded", termination: "solved" },
      );
    },
    dispose: () => instance.dispose(),
  };
}

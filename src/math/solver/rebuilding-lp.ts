import { BugError } from "../../core/errors.js";
import { relaxModel } from "../lp/derive-model.js";
import type { LinearModel } from "../lp/linear-model.js";
import { extendModel } from "../lp/model-builder.js";
import type { PersistentLp, Solver } from "../lp/solver.js";

/** A {@link PersistentLp} for solvers that cannot keep a basis: every solve starts from nothing. */
export function openRebuildingLp(solve: Solver["solve"], model: LinearModel): PersistentLp {
  const builder = extendModel(relaxModel(model));
  let disposed = false;
  const alive = (): void => {
    if (disposed) throw new BugError("an LP was used after dispose");
  };
  return {
    columnCount: () => builder.columnCount(),
    rowCount: () => builder.rowCount(),
    addColumns(columns) {
      alive();
      const first = builder.columnCount();
      for (const column of columns) builder.addColumn({ ...column, integer: false });
      return first;
    },
    addRows(rows) {
      alive();
      const first = builder.rowCount();
      for (const row of rows) builder.addRow(row);
      return first;
    },
    changeColumnBounds(column, lower, upper) {
      alive();
      builder.setColumnBounds(column, lower, upper);
    },
    changeRowBounds(row, lower, upper) {
      alive();
      builder.setRowBounds(row, lower, upper);
    },
    changeCosts(columns, costs) {
      alive();
      if (columns.length !== costs.length)
        throw new BugError(`${columns.length} columns with ${costs.length} costs`);
      for (let k = 0; k < columns.length; k++) builder.setCost(columns[k]!, costs[k]!);
    },
    solve(options = {}) {
      alive();
      return solve(builder.build(), options);
    },
    dispose() {
      disposed = true;
    },
  };
}

import type { LinearModel } from "../lp/linear-model.js";
import type { SolverClaim } from "./seal-result.js";

/**
 * Settles what no package should see: crossed bounds, an integer column without an integer in its
 * bounds, and models without columns (HiGHS throws on them, GLPK aborts its whole instance).
 * @returns undefined when there is something left to solve. O(columns + rows).
 */
export function solveTrivial(model: LinearModel): SolverClaim | undefined {
  const infeasible = (message: string): SolverClaim => {
    return { status: "infeasible", termination: "solved", message };
  };
  for (let j = 0; j < model.columnCount; j++) {
    const [lower, upper] = [model.columnLower[j]!, model.columnUpper[j]!];
    if (lower > upper || lower === Infinity || upper === -Infinity)
      return infeasible(`column ${j}: lower bound ${lower} over upper bound ${upper}`);
    if (model.integer[j] === 1 && Math.ceil(lower - 1e-9) > Math.floor(upper + 1e-9))
      return infeasible(`column ${j}: no integer in [${lower}, ${upper}]`);
  }
  for (let r = 0; r < model.rowCount; r++) {
    const [lower, upper] = [model.rowLower[r]!, model.rowUpper[r]!];
    if (lower > upper || lower === Infinity || upper === -Infinity)
      return infeasible(`row ${r}: lower bound ${lower} over upper bound ${upper}`);
    if (model.columnCount === 0 && (lower > 0 || upper < 0))
      return infeasible(`row ${r}: no columns, and 0 is outside [${lower}, ${upper}]`);
  }
  if (model.columnCount > 0) return undefined;
  return {
    status: "optimal",
    termination: "solved",
    columns: new Float64Array(0),
    ...(model.integer.includes(1)
      ? { bound: model.objectiveOffset }
      : { rowDuals: new Float64Array(model.rowCount) }),
  };
}

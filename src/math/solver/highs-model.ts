import type { Highs, HighsCallbackMap, Model, ModelData } from "highs";
import type { LinearModel } from "../lp/linear-model.js";
import type { SolveOptions } from "../lp/solver.js";
import { acceptColumns } from "./seal-result.js";
import { isBetter } from "../lp/check-solution.js";

/** The model as HiGHS takes it: arrays, never text. */
export function toHighsModel(highs: Highs, model: LinearModel): ModelData {
  const { minimize, maximize } = highs.constants.objectiveSense;
  return {
    numCols: model.columnCount,
    numRows: model.rowCount,
    sense: model.sense === "minimize" ? minimize : maximize,
    offset: model.objectiveOffset,
    colCost: model.cost,
    colLower: model.columnLower,
    colUpper: model.columnUpper,
    rowLower: model.rowLower,
    rowUpper: model.rowUpper,
    matrix: {
      format: "csr",
      numRows: model.rowCount,
      numCols: model.columnCount,
      starts: model.rowStart,
      indices: model.columnIndex,
      values: model.value,
    },
    ...(model.integer.includes(1) ? { integrality: Int32Array.from(model.integer) } : {}),
  };
}

/** Seconds. The wrapper refuses Infinity, though it is the default of HiGHS itself. */
const NO_LIMIT = 1e30;

/**
 * How far a value may be from whole inside a MIP. HiGHS's own 1e-6 once lost an optimum 4e-4 better than what it called
 * optimal: a bound that was none (solver-fixtures/beside-a-whole-model).
 */
const MIP_TOLERANCE = 1e-9;

/** Sets the options of a run. HiGHS's own gap defaults (1e-4 relative) are not ours. */
export function setHighsOptions(model: Model, options: SolveOptions): void {
  model.options.set({
    output_flag: false,
    random_seed: (options.seed ?? 0) & 0x7fffffff,
    ...(options.presolve === false ? { presolve: "off" } : {}),
    mip_rel_gap: options.relativeGap ?? 0,
    mip_abs_gap: 0,
    mip_feasibility_tolerance: MIP_TOLERANCE,
    mip_max_nodes: Math.min(options.nodeLimit ?? 0x7fffffff, 0x7fffffff),
    time_limit: Math.min(options.timeLimitSeconds ?? NO_LIMIT, NO_LIMIT),
  });
}

/** Callbacks of a run; what they throw is kept in `error` and the run interrupted. */
export interface HighsWatch {
  readonly callbacks: HighsCallbackMap;
  readonly failure: () => { readonly thrown: unknown } | undefined;
}

/** Wires shouldStop and onIncumbent; only solutions that pass our checker and improve are told. */
export function watchRun(highs: Highs, model: LinearModel, options: SolveOptions): HighsWatch {
  const type = highs.constants.callbackType;
  const { shouldStop, onIncumbent, cutoff } = options;
  let failure: { readonly thrown: unknown } | undefined;
  let best = cutoff;
  const guard = (act: () => void): void => {
    try {
      act();
    } catch (thrown) {
      failure ??= { thrown };
    }
  };
  const poll = (event: { interrupt(): void }): undefined => {
    guard(() => {
      if (failure === undefined && shouldStop?.() === true) event.interrupt();
    });
    if (failure !== undefined) event.interrupt();
  };
  const tell = (columns: Float64Array | undefined): undefined => {
    if (columns === undefined || onIncumbent === undefined) return;
    const found = acceptColumns(model, columns);
    if (typeof found === "string") return;
    if (best !== undefined && !isBetter(model, found.objective, best)) return;
    best = found.objective;
    guard(() => onIncumbent(found.objective, found.columns));
  };
  const polling = {
    [type.simplexInterrupt]: poll,
    [type.ipmInterrupt]: poll,
    [type.mipInterrupt]: poll,
  };
  const callbacks: HighsCallbackMap = {
    ...(shouldStop === undefined && onIncumbent === undefined ? {} : polling),
    ...(onIncumbent === undefined
      ? {}
      : {
          [type.mipImprovingSolution]: (event: { data: { mip_solution?: Float64Array } }) =>
            tell(event.data.mip_solution),
        }),
  };
  return { callbacks, failure: () => failure };
}

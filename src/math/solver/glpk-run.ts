import type { GLPK } from "glpk.js/node";
import { evaluateObjective } from "../lp/check-solution.js";
import type { LinearModel } from "../lp/linear-model.js";
import type { SolveOptions } from "../lp/solver.js";
import type { SolverClaim } from "./seal-result.js";

type GlpkModel = Parameters<GLPK["solve"]>[0];

/** One GLPK run, and what it claims. Needs a model that solveTrivial has left alone. */
export function runGlpk(
  glpk: GLPK,
  model: LinearModel,
  options: SolveOptions,
  presolve: boolean,
): SolverClaim {
  const mip = model.integer.includes(1);
  const { timeLimitSeconds, relativeGap = 0 } = options;
  let answer: ReturnType<GLPK["solve"]>;
  try {
    answer = glpk.solve(toGlpkModel(glpk, model), {
      msglev: glpk.GLP_MSG_OFF,
      presol: presolve,
      mipgap: relativeGap,
      ...(timeLimitSeconds === undefined ? {} : { tmlim: Math.min(timeLimitSeconds, 2e6) }),
    });
  } catch (error) {
    const message = `GLPK: ${error instanceof Error ? error.message : String(error)}`;
    return { status: "failed", termination: "error", message };
  }
  const { status, vars, dual } = answer.result;
  const late = timeLimitSeconds !== undefined && answer.time >= 0.99 * timeLimitSeconds;
  const columns = Float64Array.from({ length: model.columnCount }, (_, j) => vars[`c${j}`]!);
  if (status === glpk.GLP_OPT) {
    const objective = evaluateObjective(model, columns);
    const slack = relativeGap * Math.abs(objective) * (model.sense === "minimize" ? -1 : 1);
    if (mip) return { status: "optimal", termination: "solved", columns, bound: objective + slack };
    const rowDuals = Float64Array.from({ length: model.rowCount }, (_, r) => dual?.[`r${r}`] ?? 0);
    return { status: "optimal", termination: "solved", columns, rowDuals };
  }
  if (status === glpk.GLP_NOFEAS) return { status: "infeasible", termination: "solved" };
  if (status === glpk.GLP_UNBND) return { status: "unbounded", termination: "solved" };
  if (!late) {
    const message = `GLPK stopped without a limit and without an answer (status ${status})`;
    return { status: "failed", termination: "error", message };
  }
  return {
    status: "no-solution",
    termination: "time-limit",
    ...(status === glpk.GLP_FEAS ? { columns } : {}),
  };
}

/** Columns c0, c1, … all stand in the objective first: that fixes their order. */
function toGlpkModel(glpk: GLPK, model: LinearModel): GlpkModel {
  const names = Array.from({ length: model.columnCount }, (_, j) => `c${j}`);
  return {
    name: "model",
    objective: {
      direction: model.sense === "minimize" ? glpk.GLP_MIN : glpk.GLP_MAX,
      name: "objective",
      vars: names.map((name, j) => ({ name, coef: model.cost[j]! })),
    },
    subjectTo: Array.from({ length: model.rowCount }, (_, r) => {
      const vars: { name: string; coef: number }[] = [];
      for (let k = model.rowStart[r]!; k < model.rowStart[r + 1]!; k++)
        vars.push({ name: names[model.columnIndex[k]!]!, coef: model.value[k]! });
      return { name: `r${r}`, vars, bnds: toBounds(glpk, model.rowLower[r]!, model.rowUpper[r]!) };
    }),
    bounds: names.map((name, j) => {
      const [lower, upper] = [model.columnLower[j]!, model.columnUpper[j]!];
      // GLPK refuses fractional bounds on integer columns.
      const whole = model.integer[j] === 1;
      const low = whole ? Math.ceil(lower - 1e-9) : lower;
      const high = whole ? Math.floor(upper + 1e-9) : upper;
      return { name, ...toBounds(glpk, low, high) };
    }),
    generals: names.filter((_, j) => model.integer[j] === 1),
  };
}

function toBounds(
  glpk: GLPK,
  lower: number,
  upper: number,
): { type: number; lb: number; ub: number } {
  const lb = Number.isFinite(lower) ? lower : 0;
  const ub = Number.isFinite(upper) ? upper : 0;
  if (lower === upper) return { type: glpk.GLP_FX, lb, ub };
  if (Number.isFinite(lower))
    return { type: Number.isFinite(upper) ? glpk.GLP_DB : glpk.GLP_LO, lb, ub };
  return { type: Number.isFinite(upper) ? glpk.GLP_UP : glpk.GLP_FR, lb, ub };
}

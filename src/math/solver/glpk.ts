import type { GLPK } from "glpk.js/node";
import { SolverError } from "../../core/errors.js";
import { addCutoffRow, makeElastic, relaxModel } from "../lp/derive-model.js";
import { lagrangianBound } from "../lp/dual-bound.js";
import type { LinearModel } from "../lp/linear-model.js";
import type { SolveOptions, SolveResult, Solver } from "../lp/solver.js";
import { RELATIVE_TOLERANCE } from "../../core/tolerance.js";
import { runGlpk } from "./glpk-run.js";
import { openRebuildingLp } from "./rebuilding-lp.js";
import { checkStart, sealResult } from "./seal-result.js";
import type { SolverClaim } from "./seal-result.js";
import { solveTrivial } from "./solve-trivial.js";

let loading: Promise<GLPK> | undefined;

/**
 * GLPK through glpk.js, an optional package under GPL-3.0 that is imported only here and only when
 * asked for (docs/decisions/0002-glpk-licence.md). It has no node limit and no seed (it is
 * deterministic): both are ignored and `message` says so. `shouldStop` is polled once, before the
 * solve; `onIncumbent` is called once, after it. A start is not handed to it, but stands in where a
 * limit leaves nothing better. Whether a MIP with unbounded integer columns is infeasible may stay
 * unknown (status `failed`), or take for ever without a time limit. An LP kept open is solved from nothing each time.
 * @throws SolverError when glpk.js is not installed.
 */
export async function loadGlpkSolver(): Promise<Solver> {
  loading ??= loadGlpk();
  const glpk = await loading;
  const solve: Solver["solve"] = (model, options = {}) => solveWithGlpk(glpk, model, options);
  return {
    name: "glpk",
    version: glpk.version,
    solve,
    openLp: (model) => openRebuildingLp(solve, model),
  };
}

async function loadGlpk(): Promise<GLPK> {
  const module = await import("glpk.js/node").catch((error: unknown) => {
    loading = undefined;
    throw new SolverError("GLPK is not installed. Install it with: npm install glpk.js", {
      cause: error,
    });
  });
  return module.default();
}

function solveWithGlpk(glpk: GLPK, given: LinearModel, options: SolveOptions): SolveResult {
  const model = options.relax === true ? relaxModel(given) : given;
  const { cutoff } = options;
  const mip = model.integer.includes(1);
  const limited = cutoff !== undefined && mip ? addCutoffRow(model, cutoff) : model;
  const start = checkStart(limited, options);
  let claim: SolverClaim;
  if (options.shouldStop?.() === true)
    claim = { status: "no-solution", termination: "interrupted" };
  else claim = solveTrivial(model) ?? claimGlpk(glpk, limited, options);
  const ignored = mip && options.nodeLimit !== undefined ? "GLPK has no node limit" : undefined;
  const message = [claim.message, ignored].filter((text) => text !== undefined).join("; ");
  if (message !== "") claim = { ...claim, message };
  if (limited !== model && claim.status === "infeasible")
    claim = { ...claim, status: "no-solution", termination: "objective-limit", bound: cutoff };
  const result = sealResult(model, claim, options, start);
  if (mip && result.columns !== undefined && result.objective !== undefined)
    options.onIncumbent?.(result.objective, result.columns.slice());
  return result;
}

/** GLPK says "undefined" for whatever its presolver finds out; this settles what it meant. */
function claimGlpk(glpk: GLPK, model: LinearModel, options: SolveOptions): SolverClaim {
  if (!model.integer.includes(1)) {
    const presolved = runGlpk(glpk, model, options, true);
    if (presolved.status === "optimal") return presolved;
    return runGlpk(glpk, model, options, false);
  }
  const claim = runGlpk(glpk, model, options, true);
  if (claim.status === "optimal" || claim.status === "infeasible") return claim;
  const relaxed = claimGlpk(glpk, relaxModel(model), options);
  if (relaxed.status === "infeasible") return relaxed;
  const bound = relaxed.rowDuals && lagrangianBound(relaxModel(model), relaxed.rowDuals);
  if (claim.termination === "time-limit") return { ...claim, bound };
  // Neither a limit nor an answer: measure how far from feasible the model is. Branching on integers
  // without bounds need not end, so look no further than a box; a miss there proves nothing.
  const boxed = boxIntegers(model);
  const gap = runGlpk(glpk, makeElastic(boxed), options, true);
  if (gap.status !== "optimal") return { ...claim, bound };
  const feasible = (gap.bound ?? 0) <= RELATIVE_TOLERANCE;
  if (!feasible && boxed === model) return { status: "infeasible", termination: "solved" };
  if (feasible && relaxed.status === "unbounded")
    return { status: "unbounded", termination: "solved" };
  return { ...claim, bound };
}

/** How far from its finite bound, or from 0, an integer column without bounds is searched. */
const BOX = 1000;

/** The model with every integer column bounded; the same object when all are. */
function boxIntegers(model: LinearModel): LinearModel {
  const open = (j: number): boolean =>
    model.integer[j] === 1 &&
    !(Number.isFinite(model.columnLower[j]) && Number.isFinite(model.columnUpper[j]));
  if (!model.integer.some((_, j) => open(j))) return model;
  const columnLower = model.columnLower.map((lower, j) =>
    open(j) && lower === -Infinity ? Math.min(0, model.columnUpper[j]!) - BOX : lower,
  );
  const columnUpper = model.columnUpper.map((upper, j) =>
    open(j) && upper === Infinity ? Math.max(0, model.columnLower[j]!) + BOX : upper,
  );
  return { ...model, columnLower, columnUpper };
}

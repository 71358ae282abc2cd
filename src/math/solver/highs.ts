import type { Highs } from "highs";
import { SolverError } from "../../core/errors.js";
import { addCutoffRow, dropObjective, relaxModel } from "../lp/derive-model.js";
import type { LinearModel } from "../lp/linear-model.js";
import type { SolveOptions, SolveResult, Solver } from "../lp/solver.js";
import { openHighsLp } from "./highs-lp.js";
import { setHighsOptions, toHighsModel } from "./highs-model.js";
import { runHighs } from "./highs-run.js";
import { checkStart, sealResult } from "./seal-result.js";
import type { SolverClaim } from "./seal-result.js";
import { solveTrivial } from "./solve-trivial.js";

let loading: Promise<Highs> | undefined;

/** Where a file of the solver is: its name → its address. */
export type LocateFile = (name: string) => string;

/**
 * HiGHS, compiled to WebAssembly: single-threaded, loaded once per process (or worker).
 * All of {@link SolveOptions} work. `nodeLimit` and `seed` are reproducible, `timeLimitSeconds` is
 * not. A MIP optimum is proven within 1e-6 absolute at the finest (HiGHS's own pruning slack).
 * @param locateFile says where its WebAssembly is; absent: beside the package, as in Node. The first call decides.
 * See docs/decisions/0001-highs-in-wasm.md.
 */
export async function loadHighsSolver(locateFile?: LocateFile): Promise<Solver> {
  loading ??= loadHighs(locateFile).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  const highs = await loading;
  return {
    name: "highs",
    version: highs.version.string,
    solve: (model, options = {}) => solveWithHighs(highs, model, options),
    openLp: (model) => openHighsLp(highs, model),
  };
}

async function loadHighs(locateFile: LocateFile | undefined): Promise<Highs> {
  const module = await import("highs");
  // The package is CommonJS to the type checker and an ES module to Node; this is the only cast.
  const load = module.default as unknown as (options: {
    readonly locateFile?: LocateFile;
  }) => Promise<Highs>;
  try {
    return await load(locateFile === undefined ? {} : { locateFile });
  } catch (error) {
    throw nameMemory(error, "HiGHS could not be loaded");
  }
}

/** How engines say that they were refused memory: V8, emscripten, SpiderMonkey. */
const REFUSED =
  /out of memory|could not allocate memory|cannot enlarge memory|\boom\b|memory access out of bounds|bad_alloc/i;

/** Whether WebAssembly gave up for want of memory: the solver itself reports what else goes wrong. */
function isRefusedMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /RuntimeError|RangeError/.test(error.name) && REFUSED.test(error.message);
}

/** A failure of the solver's WebAssembly, in words that say what to do where memory was refused. */
function nameMemory(error: unknown, what: string): SolverError {
  const cause = error instanceof Error ? error.message : String(error);
  const remedy = REFUSED.test(cause)
    ? " The system refused it memory: plan with fewer --threads, for a smaller cluster, or allow the process more memory."
    : "";
  return new SolverError(`${what}: ${cause}.${remedy}`, { cause: error });
}

function solveWithHighs(highs: Highs, given: LinearModel, options: SolveOptions): SolveResult {
  const model = options.relax === true ? relaxModel(given) : given;
  const trivial = solveTrivial(model);
  if (trivial !== undefined) return sealResult(model, trivial, options, checkStart(model, options));
  const { cutoff } = options;
  const limited =
    cutoff !== undefined && model.integer.includes(1) ? addCutoffRow(model, cutoff) : model;
  const start = checkStart(limited, options);
  const claim = claimHighs(highs, limited, options, start?.accepted?.columns);
  if (limited !== model && claim.status === "infeasible") {
    const excluded: SolverClaim = { ...claim, status: "no-solution", bound: cutoff };
    return sealResult(model, { ...excluded, termination: "objective-limit" }, options, start);
  }
  return sealResult(model, claim, options, start);
}

function claimHighs(
  highs: Highs,
  model: LinearModel,
  options: SolveOptions,
  start?: Float64Array,
): SolverClaim {
  const solve = (subject: LinearModel, using: SolveOptions): ReturnType<typeof runHighs> => {
    try {
      return highs.withModel(toHighsModel(highs, subject), (instance) => {
        setHighsOptions(instance, using);
        if (start !== undefined && subject.integer.includes(1))
          instance.setSolution({ colValue: start });
        return runHighs(highs, instance, subject, using);
      });
    } catch (error) {
      if (isRefusedMemory(error)) throw nameMemory(error, "HiGHS ran out of memory");
      if (!(error instanceof highs.errors.HighsError)) throw error;
      const message = `HiGHS: ${error.message}`;
      return { status: "failed", termination: "error", message, ambiguous: false };
    }
  };
  const first = solve(model, options);
  if (!first.ambiguous) return first;
  // "Unbounded or infeasible": the objective is the only way to be unbounded, so try without it.
  const { onIncumbent: _, ...quiet } = options;
  const feasibility = solve(dropObjective(model), quiet);
  if (feasibility.columns !== undefined) return { status: "unbounded", termination: "solved" };
  const { status, termination, message } = feasibility;
  return { status, termination, message };
}

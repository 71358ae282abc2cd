import type { Highs, Model, ModelStatusCode } from "highs";
import type { LinearModel } from "../lp/linear-model.js";
import type { SolveOptions, SolveStatus, Termination } from "../lp/solver.js";
import { watchRun } from "./highs-model.js";
import type { SolverClaim } from "./seal-result.js";

type Ending = readonly [SolveStatus | "unbounded-or-infeasible", Termination];

/** One HiGHS run, and what it claims. Throws only what a callback of the caller threw. */
export function runHighs(
  highs: Highs,
  instance: Model,
  model: LinearModel,
  options: SolveOptions,
): SolverClaim & { readonly ambiguous: boolean } {
  const watch = watchRun(highs, model, options);
  let code: ModelStatusCode;
  try {
    code = instance.run(watch.callbacks).modelStatus;
  } catch (error) {
    const failure = watch.failure();
    if (failure !== undefined) throw failure.thrown;
    const message = `HiGHS: ${error instanceof Error ? error.message : String(error)}`;
    return { status: "failed", termination: "error", message, ambiguous: false };
  }
  const failure = watch.failure();
  if (failure !== undefined) throw failure.thrown;

  const mip = model.integer.includes(1);
  const [ending, termination] = readEnding(highs, code);
  const ambiguous = ending === "unbounded-or-infeasible" || (mip && ending === "unbounded");
  const status = ending === "unbounded-or-infeasible" ? "failed" : ending;
  const message = status === "failed" ? `HiGHS stopped with model status ${code}` : undefined;
  const claim = { status, termination, message, ambiguous };
  if (status === "infeasible" || status === "unbounded" || ambiguous) return claim;
  const { feasible } = highs.constants.solutionStatus;
  const hasPrimal = instance.info.get("primal_solution_status") === feasible;
  const hasDual = !mip && status === "optimal";
  if (!hasPrimal) {
    const info = mip ? readMipInfo(instance) : {};
    return { ...claim, status: status === "optimal" ? "failed" : status, ...info };
  }
  const solution = instance.getSolution();
  return {
    ...claim,
    columns: solution.colValue,
    ...(hasDual ? { rowDuals: solution.rowDual } : {}),
    ...(mip ? readMipInfo(instance) : {}),
  };
}

function readMipInfo(instance: Model): { readonly bound: number; readonly nodes: number } {
  return {
    bound: Number(instance.info.get("mip_dual_bound")),
    nodes: Math.max(0, Number(instance.info.get("mip_node_count"))),
  };
}

/** HiGHS's one status word, taken apart into what is known and why it stopped. */
function readEnding(highs: Highs, code: ModelStatusCode): Ending {
  const names = highs.constants.modelStatus;
  if (code === names.optimal) return ["optimal", "solved"];
  if (code === names.infeasible) return ["infeasible", "solved"];
  if (code === names.unbounded) return ["unbounded", "solved"];
  if (code === names.unboundedOrInfeasible) return ["unbounded-or-infeasible", "solved"];
  if (code === names.timeLimit) return ["no-solution", "time-limit"];
  if (code === names.iterationLimit) return ["no-solution", "iteration-limit"];
  if (code === names.solutionLimit) return ["no-solution", "node-limit"];
  if (code === names.interrupted) return ["no-solution", "interrupted"];
  return ["failed", "error"];
}

import { atMost } from "../../core/tolerance.js";
import { checkSolution, describeViolations, isBetter } from "../lp/check-solution.js";
import { computeReducedCosts, lagrangianBound } from "../lp/dual-bound.js";
import type { LinearModel } from "../lp/linear-model.js";
import type { SolveOptions, SolveResult, SolveStatus, Termination } from "../lp/solver.js";

/** What a solver package says, before anything of it is believed. */
export interface SolverClaim {
  readonly status: SolveStatus;
  readonly termination: Termination;
  readonly columns?: Float64Array | undefined;
  /** MIP dual bound; undefined where the package tells none. */
  readonly bound?: number | undefined;
  /** LP optima only. */
  readonly rowDuals?: Float64Array | undefined;
  readonly nodes?: number | undefined;
  readonly message?: string | undefined;
}

type Checked = { readonly columns: Float64Array; readonly objective: number };

/** The optimal bound may lag behind the objective by this much, relative, before it is disbelieved. */
const GAP_TOLERANCE = 1e-5;

/**
 * Turns a claim into a result in which every column vector has passed our own checker, every
 * objective is recomputed, and `optimal` has a bound to show for it. Solutions not better than
 * the cutoff are dropped; a start that is feasible and better than what the solver found replaces it.
 */
export function sealResult(
  model: LinearModel,
  claim: SolverClaim,
  options: Pick<SolveOptions, "cutoff" | "relativeGap"> = {},
  start?: StartCheck,
): SolveResult {
  const noBound = model.sense === "minimize" ? -Infinity : Infinity;
  const extras = {
    ...(claim.nodes === undefined ? {} : { nodes: claim.nodes }),
    ...(start === undefined ? {} : { startAccepted: start.accepted !== undefined }),
  };
  const note = [start?.message, claim.message].filter((text) => text !== undefined).join("; ");
  const said = note === "" ? {} : { message: note };
  const fail = (message: string): SolveResult => {
    return { status: "failed", termination: "error", bound: noBound, message, ...extras };
  };

  let best: Checked | undefined;
  if (claim.columns !== undefined) {
    const found = acceptColumns(model, claim.columns);
    if (typeof found === "string") return fail(`the solver's solution is infeasible: ${found}`);
    best = found;
  }
  const fallback = start?.accepted;
  if (fallback !== undefined && claim.status === "infeasible")
    return fail("the solver says infeasible, but the start satisfies the model");
  if (fallback !== undefined && (!best || isBetter(model, fallback.objective, best.objective)))
    best = fallback;

  let claimed = chooseBound(model, claim, best) ?? noBound;
  // With a cutoff row, the solver's bound speaks only of what is better than the cutoff.
  if (options.cutoff !== undefined && claim.rowDuals === undefined)
    claimed = isBetter(model, options.cutoff, claimed) ? options.cutoff : claimed;
  const bound = best && isBetter(model, best.objective, claimed) ? best.objective : claimed;
  if (claim.status === "failed" && best === undefined) return fail(note || "the solver gave up");
  if (claim.status === "infeasible" || claim.status === "unbounded")
    return { status: claim.status, termination: claim.termination, bound, ...extras, ...said };
  if (best !== undefined && options.cutoff !== undefined) {
    if (!isBetter(model, best.objective, options.cutoff)) {
      if (claim.status === "optimal") {
        const termination: Termination = "objective-limit";
        return { status: "no-solution", termination, bound, ...extras, ...said };
      }
      best = undefined;
    }
  }
  const { termination } = claim;
  if (best === undefined) return { status: "no-solution", termination, bound, ...extras, ...said };
  const proven = claim.status === "optimal" && isClosed(best.objective, bound, options.relativeGap);
  const duals =
    claim.rowDuals === undefined
      ? {}
      : {
          rowDuals: claim.rowDuals,
          reducedCosts: computeReducedCosts(model, claim.rowDuals),
        };
  return {
    status: proven ? "optimal" : "feasible",
    termination: claim.status === "optimal" && !proven ? "error" : termination,
    ...best,
    bound,
    ...duals,
    ...extras,
    ...(claim.status === "optimal" && !proven
      ? { message: `the solver says optimal, but its bound is ${bound}` }
      : said),
  };
}

export interface StartCheck {
  readonly accepted?: Checked;
  readonly message?: string;
}

/** Checks a start ourselves: solvers take an infeasible one in silence. */
export function checkStart(model: LinearModel, options: SolveOptions): StartCheck | undefined {
  if (options.start === undefined) return undefined;
  const found = acceptColumns(model, options.start);
  return typeof found === "string"
    ? { message: `the start was ignored, it is infeasible: ${found}` }
    : { accepted: found };
}

/**
 * The columns with integers rounded where that keeps them feasible, else as they are.
 * @returns a description of the violations when they fail the checker.
 */
export function acceptColumns(model: LinearModel, columns: Float64Array): Checked | string {
  const rounded = columns.map((x, j) => (model.integer[j] === 1 ? Math.round(x) : x));
  const tidy = checkSolution(model, rounded);
  if (tidy.feasible) return { columns: rounded, objective: tidy.objective };
  const raw = checkSolution(model, columns);
  if (raw.feasible) return { columns: columns.slice(), objective: raw.objective };
  return describeViolations(raw.violations);
}

function chooseBound(
  model: LinearModel,
  claim: SolverClaim,
  best: Checked | undefined,
): number | undefined {
  if (claim.rowDuals !== undefined) {
    const safe = lagrangianBound(model, claim.rowDuals);
    if (Number.isFinite(safe)) return safe;
    return claim.status === "optimal" ? best?.objective : undefined;
  }
  return claim.bound === undefined || Number.isNaN(claim.bound) ? undefined : claim.bound;
}

function isClosed(objective: number, bound: number, relativeGap = 0): boolean {
  const gap = Math.abs(bound - objective);
  return (
    gap <= relativeGap * Math.abs(objective) ||
    atMost(gap, 0, GAP_TOLERANCE * Math.max(1, Math.abs(objective)))
  );
}

import type { LinearModel } from "./linear-model.js";

export type SolveStatus =
  | "optimal" // proven within the gap asked for
  | "feasible" // a solution, but a limit came first
  | "infeasible"
  | "unbounded"
  | "no-solution" // a limit came before any solution
  | "failed"; // the solver gave up or returned something unusable; `message` says what

export type Termination =
  "solved" | "time-limit" | "node-limit" | "iteration-limit" | "objective-limit" | "interrupted";

export interface SolveOptions {
  /** Wall-clock seconds. Not reproducible. */
  readonly timeLimitSeconds?: number;
  /** Branch-and-bound nodes. Reproducible together with `seed`. */
  readonly nodeLimit?: number;
  /** Stop when |bound − objective| ≤ relativeGap · |objective|. Default 0 (prove it). */
  readonly relativeGap?: number;
  readonly seed?: number;
  /** A full assignment of the columns to start from; checked first, ignored (and said so) if infeasible. */
  readonly start?: Float64Array;
  /** A solution is of no interest unless better than this objective. */
  readonly cutoff?: number;
  /** Ignore integrality. */
  readonly relax?: boolean;
  /** Polled during the solve; returning true stops it and keeps the best solution so far. */
  readonly shouldStop?: () => boolean;
  /** Called for every better solution, with its own copy of the columns. */
  readonly onIncumbent?: (objective: number, columns: Float64Array) => void;
}

export interface SolveResult {
  readonly status: SolveStatus;
  readonly termination: Termination;
  /** Columns of the best solution; undefined when there is none. Length columnCount. */
  readonly columns?: Float64Array;
  /** Objective of `columns`, offset included. */
  readonly objective?: number;
  /** Proven bound on the objective (upper for maximize, lower for minimize); ±Infinity if none. */
  readonly bound: number;
  /** LP only: row duals y (d objective / d row bound, in the model's own sense). Length rowCount. */
  readonly rowDuals?: Float64Array;
  /** LP only: reduced costs c_j − yᵀA_j. Length columnCount. */
  readonly reducedCosts?: Float64Array;
  /** Branch-and-bound nodes, where the solver tells. */
  readonly nodes?: number;
  readonly message?: string;
  readonly startAccepted?: boolean;
}

/** A loaded solver. Calls are synchronous: run long ones in a worker thread. */
export interface Solver {
  readonly name: "highs" | "glpk";
  readonly version: string;
  solve(model: LinearModel, options?: SolveOptions): SolveResult;
}

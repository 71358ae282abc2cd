import type { LinearModel } from "./linear-model.js";
import type { ColumnSpec, RowSpec } from "./model-builder.js";

export type SolveStatus =
  | "optimal" // proven within the gap asked for
  | "feasible" // a solution, but a limit came first
  | "infeasible"
  | "unbounded"
  | "no-solution" // a limit came before any solution
  | "failed"; // the solver gave up or returned something unusable; `message` says what

export type Termination =
  | "solved"
  | "time-limit"
  | "node-limit"
  | "iteration-limit"
  | "objective-limit" // nothing better than the cutoff exists (or was found)
  | "interrupted"
  | "error"; // the solver stopped for a reason of its own; see `message`

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
  /**
   * A solution is of no interest unless better than this objective. When none is: status
   * `no-solution`, termination `objective-limit`, bound no tighter than the cutoff for a MIP.
   * An infeasible MIP is then reported the same way: the two cannot be told apart.
   */
  readonly cutoff?: number;
  /** Ignore integrality. */
  readonly relax?: boolean;
  /** A small LP is solved sooner as it is. Default true; solvers may not listen. */
  readonly presolve?: boolean;
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
  /**
   * Bound on the objective (upper for maximize, lower for minimize); ±Infinity if none. For an LP,
   * the Lagrangian bound of `rowDuals` where that is finite (see lagrangianBound), else the
   * solver's own objective; for a MIP, the solver's own dual bound.
   */
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

/** What a solve of an open LP may be limited by. */
export type LpOptions = Pick<SolveOptions, "timeLimitSeconds" | "seed" | "shouldStop">;

/**
 * An LP kept open between solves: each one starts from the basis of the last, where the solver
 * can. Integrality is ignored. Dispose it: it may hold memory that no garbage collector sees.
 */
export interface PersistentLp {
  columnCount(): number;
  rowCount(): number;
  /** Appends columns with their entries in existing rows. @returns the first one's index. */
  addColumns(columns: readonly ColumnSpec[]): number;
  /** Appends rows with their entries in existing columns. @returns the first one's index. */
  addRows(rows: readonly RowSpec[]): number;
  changeColumnBounds(column: number, lower: number, upper: number): void;
  changeRowBounds(row: number, lower: number, upper: number): void;
  changeCosts(columns: ArrayLike<number>, costs: ArrayLike<number>): void;
  solve(options?: LpOptions): SolveResult;
  /** Idempotent. Any other call after it throws a BugError. */
  dispose(): void;
}

/** A loaded solver. Calls are synchronous: run long ones in a worker thread. */
export interface Solver {
  readonly name: SolverName;
  readonly version: string;
  solve(model: LinearModel, options?: SolveOptions): SolveResult;
  openLp(model: LinearModel): PersistentLp;
}

export type SolverName = "highs" | "glpk";

/** Stable codes of every error this program raises on purpose. */
export type ErrorCode =
  | "input-invalid" // the user's data cannot be understood or contradicts itself
  | "solver-failed" // a solver returned something no caller can use
  | "bug"; // an invariant of ours does not hold

/** One thing wrong with the input: where, what stands there, what should, and what to do. */
export interface Problem {
  /** JSON path (`nodes[3].machine`), line (`line 4, column 7`) or option (`--gap`). */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
}

export class HelixPlaceError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Broken input. Carries every problem found, not only the first. */
export class InputError extends HelixPlaceError {
  readonly source: string;
  readonly problems: readonly Problem[];
  /**
   * @param source what was read: a file name, `-` for standard input, or an option.
   * @param problems at least one.
   */
  constructor(source: string, problems: readonly Problem[]) {
    super("input-invalid", problems.map((problem) => describeProblem(source, problem)).join("\n"));
    this.source = source;
    this.problems = problems;
  }
}

export class SolverError extends HelixPlaceError {
  constructor(message: string, options?: ErrorOptions) {
    super("solver-failed", message, options);
  }
}

export class BugError extends HelixPlaceError {
  constructor(message: string, options?: ErrorOptions) {
    super("bug", message, options);
  }
}

function describeProblem(source: string, problem: Problem): string {
  const where = problem.path === "" ? source : `${source}: ${problem.path}`;
  return `${where}: found ${problem.found}, expected ${problem.expected}. ${problem.remedy}`;
}

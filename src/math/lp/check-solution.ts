import { RELATIVE_TOLERANCE, atMost } from "../../core/tolerance.js";
import type { LinearModel } from "./linear-model.js";

export interface Violation {
  readonly kind: "length" | "not-finite" | "column-bound" | "row-bound" | "integrality";
  /** Column or row index; for `length`, the length found. */
  readonly index: number;
  /** How far outside, absolute. */
  readonly amount: number;
}

export interface SolutionCheck {
  readonly feasible: boolean;
  /** objectiveOffset + costᵀx, recomputed. NaN when the length is wrong. */
  readonly objective: number;
  readonly violations: readonly Violation[];
}

/**
 * Checks x against the model and nothing else: no solver's word is used. A bound b holds when
 * exceeded by no more than `tolerance` · max(1, min(|value|, |b|)); integrality holds within
 * `tolerance` of the nearest integer. O(columns + rows + entries).
 * @param columns length columnCount.
 */
export function checkSolution(
  model: LinearModel,
  columns: Float64Array,
  tolerance: number = RELATIVE_TOLERANCE,
): SolutionCheck {
  if (columns.length !== model.columnCount) {
    const amount = Math.abs(columns.length - model.columnCount);
    const wrong: Violation = { kind: "length", index: columns.length, amount };
    return { feasible: false, objective: Number.NaN, violations: [wrong] };
  }
  const violations: Violation[] = [];
  const outside = (value: number, lower: number, upper: number): number => {
    if (!atMost(lower, value, tolerance)) return lower - value;
    return atMost(value, upper, tolerance) ? 0 : value - upper;
  };
  for (let j = 0; j < model.columnCount; j++) {
    const x = columns[j]!;
    if (!Number.isFinite(x)) {
      violations.push({ kind: "not-finite", index: j, amount: Infinity });
      continue;
    }
    const amount = outside(x, model.columnLower[j]!, model.columnUpper[j]!);
    if (amount > 0) violations.push({ kind: "column-bound", index: j, amount });
    const fraction = Math.abs(x - Math.round(x));
    if (model.integer[j] === 1 && fraction > tolerance)
      violations.push({ kind: "integrality", index: j, amount: fraction });
  }
  for (let r = 0; r < model.rowCount; r++) {
    let activity = 0;
    for (let k = model.rowStart[r]!; k < model.rowStart[r + 1]!; k++)
      activity += model.value[k]! * columns[model.columnIndex[k]!]!;
    const amount = outside(activity, model.rowLower[r]!, model.rowUpper[r]!);
    if (amount > 0) violations.push({ kind: "row-bound", index: r, amount });
  }
  const objective = evaluateObjective(model, columns);
  return { feasible: violations.length === 0, objective, violations };
}

/** objectiveOffset + costᵀx. */
export function evaluateObjective(model: LinearModel, columns: Float64Array): number {
  let objective = model.objectiveOffset;
  for (let j = 0; j < model.columnCount; j++) objective += model.cost[j]! * columns[j]!;
  return objective;
}

/** Whether objective `a` is strictly better than `b` in the model's sense. */
export function isBetter(model: LinearModel, a: number, b: number): boolean {
  return model.sense === "minimize" ? a < b : a > b;
}

/** One line for a person: the first violations and how many more there are. */
export function describeViolations(violations: readonly Violation[]): string {
  const shown = violations.slice(0, 3).map(({ kind, index, amount }) => {
    return `${kind} ${index} by ${amount.toExponential(2)}`;
  });
  const more = violations.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

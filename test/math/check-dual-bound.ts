import { atMost, RELATIVE_TOLERANCE } from "../../src/core/tolerance.js";
import { lagrangianBound } from "../../src/math/lp/dual-bound.js";
import type { LinearModel } from "../../src/math/lp/linear-model.js";

interface DualBoundCheck {
  /** The claimed bound is no tighter than what y proves, up to tolerance. */
  readonly proven: boolean;
  /** What y proves: see {@link lagrangianBound}. */
  readonly bound: number;
}

/** Checks a bound that somebody claims for the linear relaxation against a certificate y. */
export function checkDualBound(
  model: LinearModel,
  rowDuals: Float64Array,
  claimedBound: number,
  tolerance: number = RELATIVE_TOLERANCE,
): DualBoundCheck {
  const bound = lagrangianBound(model, rowDuals);
  const proven =
    model.sense === "minimize"
      ? atMost(claimedBound, bound, tolerance)
      : atMost(bound, claimedBound, tolerance);
  return { proven, bound };
}

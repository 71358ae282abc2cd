import type { Goal, PurchaseLimits } from "./purchase.js";

/** A target with limits. */
export type LimitedGoal = Extract<Goal, { readonly kind: "target" }> & {
  readonly limits: PurchaseLimits;
};

export function hasLimits(goal: Goal): goal is LimitedGoal {
  return goal.kind === "target" && goal.limits !== undefined;
}

import type { TrainingPlan } from "./training-plan.js";

/** The ranked strategies of a job. */
export interface TrainResult {
  readonly mode: "amp" | "exact";
  /** Cheapest first; ties in order of enumeration. At most `top`. */
  readonly plans: readonly TrainingPlan[];
  /** Strategies of the space, and what became of them. */
  readonly counts: {
    readonly strategies: number;
    readonly infeasible: number;
    /** Not searched to the end: a bound shows that they are not among the plans listed. */
    readonly dominated: number;
    /** Given up at the evaluation limit with a bound only. */
    readonly unfinished: number;
  };
  /** No strategy in the space of the mode costs less; undefined in amp mode, which proves nothing. */
  readonly bound?: number;
  /** Whether the bound covers every node order, or only the given one. */
  readonly allOrders: boolean;
}

import type { PlanningProblem } from "../problem/problem.js";
import type { SearchContext, Strategy } from "../problem/strategy.js";

/** A problem that stands for another one while a model works on it, and what is found means there. */
export interface ProblemView {
  readonly problem: PlanningProblem;
  /** What the model gets from the search of the whole, and gives back to it, in the view's terms. */
  readonly contextOf: (whole: SearchContext) => SearchContext;
}

/** Runs a model on a view. */
export function lookThrough(view: ProblemView, model: Strategy, context: SearchContext): void {
  model(view.problem, view.contextOf(context));
}

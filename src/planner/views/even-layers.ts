import { bestCaseCluster, layersDiffer, worstCaseCluster } from "../../core/even-cluster.js";
import { isLegal } from "../problem/measure-flow.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { Strategy } from "../problem/strategy.js";
import { lookThrough, type ProblemView } from "./problem-view.js";

/**
 * A model that counts layers works on the best case, where what it proves is true of the whole, or on
 * the worst case, where what it finds fits and what it proves is worth nothing.
 */
export function onEvenLayers(model: Strategy, which: "best" | "worst"): Strategy {
  return (problem, context) => {
    if (!layersDiffer(problem.cluster)) return model(problem, context);
    const view = which === "best" ? bestCaseView(problem) : worstCaseView(problem);
    return lookThrough(view, model, context);
  };
}

function bestCaseView(problem: PlanningProblem): ProblemView {
  return {
    problem: { ...problem, cluster: bestCaseCluster(problem.cluster) },
    contextOf: (whole) => whole,
  };
}

function worstCaseView(problem: PlanningProblem): ProblemView {
  const even = { ...problem, cluster: worstCaseCluster(problem.cluster) };
  return {
    problem: even,
    contextOf: (whole) => ({
      ...whole,
      incumbent: () => {
        const known = whole.incumbent();
        return known !== undefined && isLegal(even, known.placement) ? known : undefined;
      },
      offerBound: () => undefined,
    }),
  };
}

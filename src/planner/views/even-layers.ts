import { bestCase, worstCase } from "../../core/interval-capacity.js";
import type { Capacity } from "../../core/capacity.js";
import type { Cluster } from "../../core/cluster.js";
import { isLegal } from "../problem/measure-throughput.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { Strategy } from "../problem/strategy.js";
import { lookThrough, type ProblemView } from "./problem-view.js";

/** Whether what a node can do depends on which layers it holds, not on how many alone. */
export function layersDiffer(cluster: Cluster): boolean {
  return cluster.machines.some(({ capacity }) => capacity.byInterval !== undefined);
}

/** The cluster as if machines did with any k layers the best that they do with some: bounds stay bounds. */
export function bestCaseCluster(cluster: Cluster): Cluster {
  return withCapacities(cluster, bestCase);
}

/** The cluster by what machines can do with k layers wherever they lie: what is found fits. */
export function worstCaseCluster(cluster: Cluster): Cluster {
  return withCapacities(cluster, worstCase);
}

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

function withCapacities(cluster: Cluster, change: (capacity: Capacity) => Capacity): Cluster {
  const machines = cluster.machines.map((machine) => ({
    ...machine,
    capacity: change(machine.capacity),
  }));
  return { ...cluster, machines };
}

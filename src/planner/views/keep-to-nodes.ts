import type { Placement } from "../../core/placement.js";
import { measureThroughput } from "../problem/measure-throughput.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { Incumbent } from "../problem/strategy.js";
import type { ProblemView } from "./problem-view.js";

/** A part of the cluster that serves the model by itself. */
export interface PartView extends ProblemView {
  /** The best placement found for it so far: all other nodes are empty. */
  best(): Incumbent | undefined;
}

/** The problem with all nodes but these drained. */
export function keepToNodes(whole: PlanningProblem, nodes: readonly number[]): PlanningProblem {
  const inside = new Set(nodes);
  const outside = [...whole.cluster.nodes.keys()].filter((node) => !inside.has(node));
  const drained = new Set([...whole.constraints.drained, ...outside]);
  const pins = new Map([...whole.constraints.pins].filter(([node]) => inside.has(node)));
  return { ...whole, constraints: { ...whole.constraints, pins, drained } };
}

/**
 * A view of a part by itself: its search knows only its own placements and bounds.
 * @param bound tokens/s that the part cannot exceed.
 * @param onBetter called whenever the part got better: what that means for the whole.
 */
export function viewPart(problem: PlanningProblem, bound: number, onBetter: () => void): PartView {
  let best: Incumbent | undefined;
  let upperBound = bound;
  return {
    problem,
    best: () => best,
    contextOf: (context) => ({
      ...context,
      incumbent: () => best,
      upperBound: () => upperBound,
      offerBound: (value) => {
        upperBound = Math.min(upperBound, value);
      },
      offer: (placement: Placement) => {
        const throughput = measureThroughput(problem, placement);
        if (throughput > (best?.throughput ?? 0)) {
          best = { placement, throughput };
          onBetter();
        }
        return throughput;
      },
    }),
  };
}

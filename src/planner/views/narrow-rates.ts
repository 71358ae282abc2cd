import type { PlanningProblem } from "../problem/problem.js";
import type { ProblemView } from "./problem-view.js";

/** The model is no bound here: it is asked for a little less than is known already, too. */
const KNOWN_SHARE = 0.9;

/**
 * The same nodes, none faster than `most` tokens/s while it holds a part of the model only: what its links
 * would let through. Placements are the whole's own; bounds say nothing of it.
 */
export function narrowRates(problem: PlanningProblem, most: number): ProblemView {
  const { cluster } = problem;
  const machines = cluster.machines.map((machine) => ({
    ...machine,
    capacity: {
      ...machine.capacity,
      tokensPerSecond: machine.capacity.tokensPerSecond.map((rate, index) =>
        index + 1 === cluster.model.layers ? rate : Math.min(rate, most),
      ),
    },
  }));
  return {
    problem: { ...problem, cluster: { ...cluster, machines } },
    contextOf: (whole) => ({
      ...whole,
      incumbent: () => {
        const known = whole.incumbent();
        return known && { ...known, throughput: KNOWN_SHARE * known.throughput };
      },
      offerBound: () => undefined,
    }),
  };
}

import type { LayerInterval, NodeIntervals, Placement } from "../../core/placement.js";
import type { PlanningProblem } from "./problem.js";

/** Nodes that serve the model together, with what they carry: one pipeline, or stages of several nodes. */
export interface Chain {
  readonly intervals: NodeIntervals;
  readonly tokensPerSecond: number;
}

/** The placement of these nodes; pinned ones hold what they must, all others nothing. O(nodes). */
export function layNodes(
  { cluster, constraints }: PlanningProblem,
  intervals: NodeIntervals,
): Placement {
  const placement: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  for (const [node, interval] of [...intervals, ...constraints.pins]) placement[node] = interval;
  return placement;
}

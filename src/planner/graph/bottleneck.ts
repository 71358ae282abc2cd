import { findMarginalValues, findMinCuts } from "../../math/flow/min-cut.js";
import type { Evaluation } from "./evaluate-placement.js";
import type { ArcKind } from "./placement-network.js";

/** One capacity of a minimum cut. */
export interface BottleneckArc {
  readonly kind: ArcKind;
  /** Node index or `COORDINATOR`; equal to `to` unless the arc is a link. */
  readonly from: number;
  readonly to: number;
  /** Tokens/s. */
  readonly capacity: number;
  /** Tokens/s gained per token/s added to this capacity alone: 1, or 0 when another cut binds too. */
  readonly marginal: number;
}

/** The minimum cut nearest to the source, in physical terms, in the order of the graph's arcs. */
export function findBottleneck(evaluation: Evaluation): readonly BottleneckArc[] {
  const { graph, maxFlow } = evaluation;
  const marginal = findMarginalValues(graph.network, maxFlow);
  return findMinCuts(graph.network, maxFlow).nearSource.arcs.map((arc) => ({
    kind: graph.kinds[arc]!,
    from: graph.from[arc]!,
    to: graph.to[arc]!,
    capacity: graph.network.capacity[arc]!,
    marginal: marginal[arc]!,
  }));
}

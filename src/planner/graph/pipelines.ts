import { COORDINATOR } from "../../core/cluster.js";
import { decomposeFlow } from "../../math/flow/decompose.js";
import type { LayerInterval, Placement } from "../../core/placement.js";
import type { Evaluation } from "./evaluate-placement.js";

/** One route through the cluster. */
export interface Pipeline {
  /** Tokens/s. */
  readonly flow: number;
  /** In order; together the layers run cover [0, L) exactly once. */
  readonly stages: readonly { readonly node: number; readonly layers: LayerInterval }[];
}

/**
 * Splits the flow of a placement into pipelines, widest first. A node entered in the middle of its
 * interval runs only the rest of it.
 */
export function listPipelines(placement: Placement, evaluation: Evaluation): readonly Pipeline[] {
  const { graph, maxFlow } = evaluation;
  return decomposeFlow(graph.network, maxFlow.flow).map(({ arcs, amount }) => {
    let done = 0;
    const stages: { node: number; layers: LayerInterval }[] = [];
    for (const arc of arcs) {
      const node = graph.to[arc]!;
      if (graph.kinds[arc] !== "link" || node === COORDINATOR) continue;
      const end = placement[node]![1];
      stages.push({ node, layers: [done, end] });
      done = end;
    }
    return { flow: amount, stages };
  });
}

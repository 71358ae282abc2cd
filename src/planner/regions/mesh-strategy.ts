import { linkBetween, type Cluster } from "../../core/cluster.js";
import type { Strategy } from "../problem/strategy.js";
import { narrowRates } from "../views/narrow-rates.js";
import { lookThrough } from "../views/problem-view.js";

/** How many links of a node are counted on: coarse first. */
const LINK_COUNTS: readonly number[] = [4, 8, 2, 1, 6, 13, 3, 5, 10, 20, 16];

/**
 * A model for nodes whose single links are narrower than what they compute: with m links of c tokens/s
 * each a node passes on m·c, so its rates are cut there, and the model (stages, which then take
 * more nodes each) is asked for every m. The max flow judges. Where no node is faster than a
 * typical link, nothing is done. One step of the budget is one m.
 */
export const meshOf =
  (model: Strategy): Strategy =>
  (problem, context) => {
    const { cluster, constraints } = problem;
    const usable = cluster.nodes.flatMap((_, node) =>
      constraints.drained.has(node) ? [] : [node],
    );
    const link = typicalLink(cluster, usable);
    const fastest = usable.reduce(
      (most, node) =>
        Math.max(
          most,
          cluster.machines[cluster.nodes[node]!.machine]!.capacity.tokensPerSecond[0] ?? 0,
        ),
      0,
    );
    if (link === 0) return;
    let steps = 0;
    for (const count of LINK_COUNTS) {
      if (count > usable.length) continue;
      if ((count - 1) * link >= Math.min(fastest, context.upperBound())) continue;
      if (context.shouldStop() || steps++ >= context.iterations) return;
      lookThrough(narrowRates(problem, count * link), model, context);
    }
  };

/** The median width of a link between two nodes, tokens/s. */
function typicalLink(cluster: Cluster, nodes: readonly number[]): number {
  const widths = nodes.flatMap((from) =>
    nodes.map((to) =>
      from === to ? 0 : (linkBetween(cluster, from, to)?.bandwidthBytesPerSecond ?? 0),
    ),
  );
  widths.sort((a, b) => b - a);
  return (
    (widths[Math.floor((nodes.length * (nodes.length - 1)) / 2)] ?? 0) /
    cluster.model.activationBytes
  );
}

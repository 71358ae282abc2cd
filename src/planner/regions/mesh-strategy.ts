import { linkBetween, type Cluster } from "../../core/cluster.js";
import { stageStrategy } from "../coverings/stage-strategy.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { Strategy } from "../problem/strategy.js";

/** How many links of a node are counted on: coarse first. */
const LINK_COUNTS: readonly number[] = [4, 8, 2, 1, 6, 13, 3, 5, 10, 20, 16];
/** The model is no bound here: it is asked for a little less than is known already, too. */
const KNOWN_SHARE = 0.9;
/** Above so many nodes links are too many to be compared. */
const MOST_NODES = 400;

/**
 * Stages for nodes whose single links are narrower than what they compute: with m links of c tokens/s
 * each a node passes on m·c, so its rates are cut there, and the stage model, which then takes
 * more nodes per stage, is asked for every m. The max flow judges. Where no node is faster than a
 * typical link, nothing is done. One step of the budget is one m.
 */
export const meshStrategy: Strategy = (problem, context) => {
  const { cluster, constraints } = problem;
  const usable = cluster.nodes.flatMap((_, node) => (constraints.drained.has(node) ? [] : [node]));
  if (usable.length > MOST_NODES || usable.length < 3) return;
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
    stageStrategy(cutRates(problem, count * link), {
      ...context,
      incumbent: () => {
        const known = context.incumbent();
        return known && { ...known, throughput: KNOWN_SHARE * known.throughput };
      },
      offerBound: () => undefined,
    });
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

/** The same problem with no machine faster than `most` while it holds a part of the model only. */
function cutRates(problem: PlanningProblem, most: number): PlanningProblem {
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
  return { ...problem, cluster: { ...cluster, machines } };
}

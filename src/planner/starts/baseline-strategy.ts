import { fastestChain } from "./baseline-chain.js";
import { BASELINES, respectPins } from "./baselines.js";
import { layNodes } from "../problem/chain.js";
import type { Strategy } from "../problem/strategy.js";

/**
 * What the known methods make of the cluster, as starts: the portfolio is never worse than any of
 * them. Pinned and drained nodes are put right afterwards. Cheap; one step of the budget is enough.
 */
export const baselineStrategy: Strategy = (problem, context) => {
  const { cluster, constraints } = problem;
  for (const { build, needsPartialInference } of BASELINES) {
    if (needsPartialInference === true && !problem.partialInference) continue;
    if (context.shouldStop()) return;
    const outcome = build(cluster, context.seed);
    if (outcome.kind === "placement") context.offer(respectPins(outcome.placement, constraints));
  }
  const free = cluster.nodes
    .map((_, node) => node)
    .filter((node) => !constraints.drained.has(node) && !constraints.pins.has(node));
  const chain = fastestChain(cluster, free);
  if (chain === undefined || context.shouldStop()) return;
  context.offer(layNodes(problem, chain.intervals));
};

import { fastestChain, placeHomogeneously } from "./baseline-chain.js";
import type { BaselineOutcome } from "./baseline.js";
import { placeByPetals } from "./baseline-petals.js";
import { placeSeparately } from "./baseline-separate.js";
import { placeBySwarm } from "./baseline-swarm.js";
import type { LayerInterval } from "../../core/placement.js";
import { createRandom } from "../../core/random.js";
import type { Strategy } from "../problem/strategy.js";

/** Stages of more nodes may have too many links to be judged, should links bind. */
const MOST_NODES = 10_000;

/**
 * What the known methods make of the cluster, as starts: the portfolio is never worse than any of
 * them. Pinned and drained nodes are put right afterwards. Cheap; one step of the budget is enough.
 */
export const baselineStrategy: Strategy = (problem, context) => {
  const { cluster, constraints } = problem;
  if (cluster.nodes.length > MOST_NODES) return;
  const offer = (placement: readonly (LayerInterval | null)[]): void => {
    context.offer(
      placement.map((interval, node) =>
        constraints.drained.has(node) ? null : (constraints.pins.get(node) ?? interval),
      ),
    );
  };
  const methods: readonly (() => BaselineOutcome)[] = [
    () => placeHomogeneously(cluster),
    () => placeBySwarm(cluster),
    ...(["type", "region"] as const).flatMap((by) =>
      [false, true].map((leftovers) => () => placeSeparately(cluster, { by, leftovers })),
    ),
    ...(problem.partialInference ? [() => placeByPetals(cluster, createRandom(context.seed))] : []),
  ];
  for (const method of methods) {
    if (context.shouldStop()) return;
    const outcome = method();
    if (outcome.kind === "placement") offer(outcome.placement);
  }
  const free = cluster.nodes
    .map((_, node) => node)
    .filter((node) => !constraints.drained.has(node) && !constraints.pins.has(node));
  const chain = fastestChain(cluster, free);
  if (chain === undefined || context.shouldStop()) return;
  const intervals: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  for (const [node, interval] of chain.intervals) intervals[node] = interval;
  offer(intervals);
};

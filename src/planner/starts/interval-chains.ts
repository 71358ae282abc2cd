import { machineOf } from "../../core/cluster.js";
import type { LayerInterval } from "../../core/placement.js";
import { layNodes } from "../problem/chain.js";
import { coverLayers, listChainTypes, type Cover } from "../problem/interval-chain.js";
import type { Strategy } from "../problem/strategy.js";

/** Flows at which nodes are tried; halving the range each time. */
const STEPS = 24;

/**
 * Pipelines where layers differ: the fastest one that the nodes can make in any order, then the fastest
 * of those left over, and so on. The first is the best single pipeline but for the steps in its flow.
 * Links are not looked at. O(steps · chains · types · (L² + combinations)).
 */
export const intervalChains: Strategy = (problem, context) => {
  const { cluster, constraints } = problem;
  let free = cluster.nodes
    .map((_, node) => node)
    .filter((node) => !constraints.drained.has(node) && !constraints.pins.has(node));
  const chosen: (readonly [number, LayerInterval])[] = [];
  while (!context.shouldStop()) {
    const chain = fastestChain(problem.cluster, free);
    if (chain === undefined) break;
    chosen.push(...chain);
    context.offer(layNodes(problem, chosen));
    const used = new Set(chain.map(([node]) => node));
    free = free.filter((node) => !used.has(node));
  }
};

function fastestChain(
  cluster: Parameters<typeof listChainTypes>[0],
  nodes: readonly number[],
): Extract<Cover, { kind: "chain" }>["intervals"] | undefined {
  const { layers } = cluster.model;
  const attempt = (flow: number): Cover =>
    coverLayers(listChainTypes(cluster, nodes, flow), layers);
  const first = attempt(Number.MIN_VALUE);
  if (first.kind !== "chain") return undefined;
  let best = first.intervals;
  let high = 0;
  for (const node of nodes)
    for (const row of machineOf(cluster, node).capacity.byInterval?.tokensPerSecond ?? [
      machineOf(cluster, node).capacity.tokensPerSecond,
    ])
      for (const rate of row) high = Math.max(high, rate);
  let low = high / 2 ** STEPS;
  for (let step = 0; step < STEPS; step++) {
    const middle = Math.sqrt(low * high);
    const cover = attempt(middle);
    if (cover.kind === "chain") {
      best = cover.intervals;
      low = middle;
    } else high = middle;
  }
  return best;
}

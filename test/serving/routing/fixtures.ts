import { COORDINATOR } from "../../../src/core/cluster.js";
import type { LayerInterval } from "../../../src/core/placement.js";
import {
  createHelixRouter,
  type HelixRouterRules,
} from "../../../src/serving/routing/helix-router.js";
import { createHopGraph, type HopGraph } from "../../../src/serving/routing/hop-graph.js";
import { createKvReservation, type KvLimits } from "../../../src/serving/routing/kv-reservation.js";
import type { Router } from "../../../src/serving/routing/router.js";
import { clusterOf } from "../simulate/fixtures.js";

const C = COORDINATOR;
export const placement: LayerInterval[] = [
  [0, 2],
  [0, 3],
  [2, 4],
  [3, 4],
  [2, 4],
];
export const links = (
  [
    [C, 0, 60],
    [C, 1, 40],
    [0, 2, 35],
    [0, 4, 20],
    [0, 1, 5],
    [1, 3, 30],
    [1, 2, 10],
    [1, 4, 5],
    [2, C, 45],
    [3, C, 30],
    [4, C, 25],
  ] as const
).map(([from, to, flow]) => ({ from, to, flow, capacity: 1e6 }));

export function graphOf(kvTokens?: number): HopGraph {
  const cluster = clusterOf({
    layers: 4,
    nodes: 5,
    ...(kvTokens === undefined ? {} : { kvTokens }),
  });
  return createHopGraph(cluster, placement, links);
}

export function helixOf(
  graph: HopGraph,
  limits: KvLimits = { highWaterMark: 0.9, outputRatio: 1, meanOutputTokens: 10 },
  rules: HelixRouterRules = {},
): { router: Router; kv: ReturnType<typeof createKvReservation> } {
  const first = Int32Array.from(placement, ([start]) => start);
  const kv = createKvReservation(graph, first, 4, limits);
  return { router: createHelixRouter(graph, kv, rules), kv };
}

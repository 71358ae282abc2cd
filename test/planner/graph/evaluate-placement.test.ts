import { describe, expect, it } from "vitest";
import type { Cluster, Link } from "../../../src/core/cluster.js";
import { solveByPushRelabel } from "../../../src/math/flow/push-relabel.js";
import { evaluatePlacement } from "../../../src/planner/graph/evaluate-placement.js";
import { deriveRoutingWeights } from "../../../src/planner/graph/routing-weights.js";
import type { Placement } from "../../../src/core/placement.js";
import { clusterOf } from "../../serving/simulate/fixtures.js";

const ACTIVATION_BYTES = 1000;
const FAT = 1e9;
/** Carries as much as a node with one layer, 1000 tokens/s. */
const THIN = 1000 * ACTIVATION_BYTES;

/** One node, then two side by side, either of which could take everything. */
const FORK: Placement = [
  [0, 1],
  [1, 2],
  [1, 2],
];

function fork(first: Link, second: Link): Cluster {
  const cluster = clusterOf({ layers: 2, nodes: 3, activationBytes: ACTIVATION_BYTES });
  const links = new Map([
    [1, first],
    [2, second],
  ]);
  return { ...cluster, network: { ...cluster.network, exceptions: new Map([[0, links]]) } };
}

const link = (latencySeconds: number, bandwidthBytesPerSecond = FAT): Link => ({
  latencySeconds,
  bandwidthBytesPerSecond,
});

function split(cluster: Cluster): number[] {
  const evaluation = evaluatePlacement(cluster, FORK, { partialInference: true });
  expect(evaluation.throughput).toBeCloseTo(1000, 6);
  const weights = deriveRoutingWeights(evaluation).find(({ from }) => from === 0)!.hops;
  return [1, 2].map((node) => weights.find(({ to }) => to === node)?.weight ?? 0);
}

describe("the maximum flow of a placement", () => {
  it("takes the links of less latency, whichever they are", () => {
    expect(split(fork(link(0.06), link(0.001)))).toEqual([0, 1]);
    expect(split(fork(link(0.001), link(0.06)))).toEqual([1, 0]);
  });

  it("spreads over thin links, where prompts would stand in the way", () => {
    expect(split(fork(link(0.001, THIN), link(0.001, THIN)))).toEqual([0.5, 0.5]);
    const [slower, quicker] = split(fork(link(0.04, THIN), link(0.001, THIN)));
    expect(slower).toBeGreaterThan(0);
    expect(quicker).toBeGreaterThan(slower!);
  });

  it("stays as it is for delays that nobody feels", () => {
    for (const cluster of [fork(link(0.001), link(0.004)), fork(link(0.004), link(0.001))]) {
      const { graph, maxFlow } = evaluatePlacement(cluster, FORK, { partialInference: true });
      expect(maxFlow).toEqual(solveByPushRelabel(graph.network));
    }
  });
});

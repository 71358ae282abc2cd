import { beforeAll, describe, expect, it } from "vitest";
import { regionBound } from "../../../src/planner/regions/network-bound.js";
import type { Cluster } from "../../../src/core/cluster.js";
import type { Solver } from "../../../src/math/lp/solver.js";
import { detectRegions } from "../../../src/planner/graph/region-detection.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { UNCONSTRAINED, type PlacementConstraints } from "../../../src/planner/problem/problem.js";
import { boundRegions } from "../../../src/planner/regions/region-bounds.js";
import { bestPartition, listOrders } from "../../../src/planner/regions/region-orders.js";
import { searchRegions } from "../../../src/planner/regions/regions.js";
import { runStrategy } from "../../../src/planner/portfolio/run-strategy.js";
import type { Incumbent, Strategy } from "../../../src/planner/problem/strategy.js";
import { loadHighsSolver } from "../../../src/math/solver/highs.js";
import { randomCluster } from "../../../bench/random-clusters.js";

let solver: Solver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

interface Run {
  incumbent: Incumbent | undefined;
  upperBound: number;
}

function run(
  strategy: Strategy,
  cluster: Cluster,
  iterations: number,
  constraints: PlacementConstraints = UNCONSTRAINED,
): Run {
  const state: Run = { incumbent: undefined, upperBound: Infinity };
  const problem = { cluster, partialInference: true, constraints };
  const common = {
    stopped: () => false,
    incumbent: () => undefined,
    upperBound: () => Infinity,
  };
  const budget = { solver, seed: 1, iterations, isolated: true };
  runStrategy(strategy, problem, budget, common, {
    onPlacement: (placement, throughput) => (state.incumbent = { placement, throughput }),
    onBound: (value) => (state.upperBound = value),
  });
  return state;
}

/** Two regions of equal nodes, 12 layers, links across that carry `across` tokens/s. */
function twoRegions(nodesEach: number, across: number, tokensPerSecond: number[]): Cluster {
  return resolveCluster("test", {
    format: "helix-place/cluster@1",
    name: "two",
    model: {
      name: "m",
      layers: 12,
      layerBytes: 1,
      activationBytes: 100,
      tokenBytes: 1,
      kvBytesPerToken: 1,
    },
    workload: { promptTokens: 1, outputTokens: 1 },
    machines: { m: { profile: { tokensPerSecond } } },
    nodes: [
      { id: "a", machine: "m", region: "a", count: nodesEach },
      { id: "b", machine: "m", region: "b", count: nodesEach },
    ],
    network: {
      withinRegion: { bandwidth: "100 GB/s" },
      acrossRegions: { bandwidth: across * 100 },
    },
    coordinator: { region: "a", nic: "100 GB/s" },
  });
}

/** T(k) = 600 / k up to k = 4. */
const SPEEDS = [600, 300, 200, 150];

describe("searchRegions", () => {
  it("lays a pipeline into each region where both hold the model and nothing gets across", () => {
    const cluster = twoRegions(3, 2, SPEEDS);
    expect(run(searchRegions, cluster, 60).incumbent?.throughput).toBeCloseTo(300, 6);
  });

  it("widens the border until its links carry the flow", () => {
    // Neither region holds 12 layers alone; one link carries 80 of the 150 tokens/s.
    const cluster = twoRegions(2, 80, SPEEDS);
    const bound = regionBound(cluster, detectRegions(cluster), new Set(), solver);
    expect(run(searchRegions, cluster, 60).incumbent?.throughput).toBeCloseTo(150, 6);
    expect(bound).toBeGreaterThanOrEqual(150);
  });

  it("gives the same placement every time under a step limit", () => {
    const cluster = resolveCluster("random", randomCluster(19));
    const [first, second] = [run(searchRegions, cluster, 25), run(searchRegions, cluster, 25)];
    expect(first.incumbent).toBeDefined();
    expect(second).toEqual(first);
  });

  it("leaves drained nodes empty", () => {
    const cluster = twoRegions(4, 1000, SPEEDS);
    const constraints = { ...UNCONSTRAINED, drained: new Set([0, 5]) };
    const placement = run(searchRegions, cluster, 40, constraints).incumbent!.placement;
    expect([placement[0], placement[5]]).toEqual([null, null]);
  });

  it("never beats the bounds on random clusters", () => {
    for (const seed of [4, 8, 17, 19]) {
      const cluster = resolveCluster("random", randomCluster(seed));
      const found = run(searchRegions, cluster, 12).incumbent?.throughput ?? 0;
      expect(run(boundRegions, cluster, 20).upperBound).toBeGreaterThanOrEqual(found);
    }
  });
});

describe("region orders", () => {
  it("lists every order once", () => {
    expect(listOrders(0b1011).map((order) => order.join(""))).toEqual([
      "013",
      "031",
      "103",
      "130",
      "301",
      "310",
    ]);
  });

  it("splits regions so that the sum is greatest", () => {
    const worth = new Map([
      [0b001, 5],
      [0b011, 9],
      [0b110, 6],
      [0b111, 10],
    ]);
    expect([...bestPartition(worth, 0b111)].sort((a, b) => a - b)).toEqual([0b001, 0b110]);
  });
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Placement } from "../../../src/core/placement.js";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import { pipelinesStrategy } from "../../../src/planner/coverings/pipelines-strategy.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { bestPacking } from "../../support/best-packing.js";
import { choicesOf } from "../../support/brute-force.js";
import { freeNetworkProblem } from "../../support/free-network.js";
import { createRecordingContext } from "../../support/search-context.js";

const solver = await loadSolver("highs");

test("packs chains as well as trying all packings, and no bound is below that", () => {
  let closed = 0;
  let proven = 0;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const free = freeNetworkProblem(seed, { nodes: [1, 5], layers: [1, 4] }, false);
      const problem = { ...free, constraints: { ...free.constraints, chainsOnly: true } };
      const optimum = bestPacking(problem.cluster);
      const context = createRecordingContext(problem, { solver });
      pipelinesStrategy(problem, context);
      const found = context.incumbent()?.throughput ?? 0;
      if (optimum > 0) expect(context.upperBound()).toBeGreaterThanOrEqual(optimum);
      if (context.upperBound() <= optimum * (1 + 1e-3)) proven++;
      const legal = (placement: Placement): boolean =>
        placement.every((interval, node) =>
          choicesOf(problem, node).some((choice) => String(choice) === String(interval)),
        );
      expect(context.offers.every(({ placement }) => legal(placement))).toBe(true);
      if (found >= optimum * (1 - 1e-9)) closed++;
    }),
    { seed: 61, numRuns: 60 },
  );
  expect(closed).toBe(60);
  // Where T(k) rises with k, a node that holds fewer layers may not carry what the bound lets it.
  expect(proven).toBeGreaterThanOrEqual(55);
});

test("rates below the solver's tolerance end: a chain is taken in once", () => {
  // Found by the fuzz: gains of 1e-5 tokens/s looked like gains for ever.
  const size = { layerBytes: 1e6, activationBytes: 16384, tokenBytes: 4, kvBytesPerToken: 10 };
  const file = {
    format: "helix-place/cluster@1",
    name: "slow",
    model: { name: "m", layers: 2, ...size },
    machines: {
      a: { profile: { tokensPerSecond: [0.00003264778573749071] }, nic: 0.000005650324275339959 },
      b: { profile: { tokensPerSecond: [0.000021733410708021015] } },
    },
    nodes: [
      { id: "n0", machine: "a", region: "r1" },
      { id: "n1", machine: "a", region: "r1" },
      { id: "n2", machine: "a", region: "r1" },
      { id: "n3", machine: "b", region: "r0" },
      { id: "n4", machine: "b", region: "r1" },
    ],
    network: {
      withinRegion: { bandwidth: 1e15 },
      acrossRegions: { bandwidth: 0.2569279091903239 },
    },
    coordinator: { region: "r1" },
  };
  const { cluster } = loadCluster("slow", JSON.stringify(file));
  const constraints = { pins: new Map([[0, [1, 2] as const]]), drained: new Set<number>() };
  const problem = { cluster, partialInference: true, constraints: { ...constraints, maxDepth: 3 } };
  let looks = 0;
  const context = createRecordingContext(problem, { solver });
  pipelinesStrategy(problem, { ...context, shouldStop: () => ++looks > 5000 });
  expect(looks).toBeLessThan(5000);
});

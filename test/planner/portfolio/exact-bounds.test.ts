import { beforeAll, describe, expect, it } from "vitest";
import type { Cluster, Link } from "../../../src/core/cluster.js";
import { choiceBound } from "../../../src/planner/coverings/choice-bound.js";
import type { Solver } from "../../../src/math/lp/solver.js";
import { groupMachines } from "../../../src/planner/problem/machine-classes.js";
import { boxStrategy } from "../../../src/planner/boxes/box-strategy.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { loadHighsSolver } from "../../../src/math/solver/highs.js";
import { createRecordingContext } from "../../support/search-context.js";
import {
  createDraw,
  drawTinyCluster,
  enumerateBest,
  makeBumpy,
} from "../../support/tiny-cluster.js";

const [FIRST, LAST] = (process.env["EXACT_BOUND_SEEDS"] ?? "1-40").split("-").map(Number);
const SEEDS = Array.from({ length: LAST! - FIRST! + 1 }, (_, index) => FIRST! + index);

let solver: Solver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

/** The same without links of their own, so that nodes of one machine and region are twins. */
function withTwins(seed: number): Cluster {
  const cluster = drawTinyCluster(seed);
  return { ...cluster, network: { ...cluster.network, exceptions: new Map() } };
}

/** Nodes that hold the whole model get most of what they do from others, in the middle of their interval. */
function withThinEntry(seed: number): Cluster {
  const cluster = makeBumpy(drawTinyCluster(seed), seed);
  const draw = createDraw(seed + 32_452_843);
  const exceptions = new Map(cluster.network.exceptions);
  const thin = (): Link => ({ bandwidthBytesPerSecond: 5 + draw(200), latencySeconds: 0 });
  exceptions.set(-1, new Map(cluster.nodes.map((_, node) => [node, thin()])));
  return { ...cluster, network: { ...cluster.network, exceptions } };
}

describe("boxes of intervals", () => {
  it.each([
    ["with links of their own", drawTinyCluster],
    ["with twins", withTwins],
    ["with bumpy rates", (seed: number) => makeBumpy(drawTinyCluster(seed), seed)],
    ["that the coordinator hardly reaches", withThinEntry],
  ])("find the best of all placements and prove it, where links bind: nodes %s", (_, draw) => {
    let closed = 0;
    for (const seed of SEEDS) {
      const cluster = draw(seed);
      const best = enumerateBest(cluster);
      const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
      const context = createRecordingContext(problem, { solver, iterations: 20 });
      boxStrategy(problem, context);
      for (const { value } of context.bounds)
        expect(value, `seed ${seed}`).toBeGreaterThanOrEqual(best);
      const found = context.incumbent()?.throughput ?? 0;
      if (found >= best * (1 - 2e-5) && context.upperBound() <= best * (1 + 1e-4)) closed++;
    }
    // An idle node can spare others activations: boxes let every node hold something.
    expect(closed).toBeGreaterThanOrEqual(0.8 * SEEDS.length);
  });
});

describe("choiceBound", () => {
  it("is never below the best of all placements, and often below the configuration LP", () => {
    let branched = 0;
    for (const seed of SEEDS) {
      const cluster = drawTinyCluster(seed);
      const { layers } = cluster.model;
      const classes = groupMachines(cluster, UNCONSTRAINED);
      const upperBound = 1e4;
      const bound = choiceBound(classes, layers, solver, {
        feasible: 0,
        upperBound,
        maxPrograms: 100,
        maxTrials: 20,
        shouldStop: () => false,
      });
      if (bound < upperBound) branched++;
      expect(bound, `seed ${seed}`).toBeGreaterThanOrEqual(enumerateBest(cluster));
    }
    expect(branched).toBeGreaterThan(0);
  });
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  computeSumBound,
  truncatedSumBound,
} from "../../../src/planner/coverings/compute-bounds.js";
import { configurationBound } from "../../../src/planner/coverings/configuration-lp.js";
import { groupMachines } from "../../../src/planner/problem/machine-classes.js";
import type { PlanningProblem } from "../../../src/planner/problem/problem.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { bruteForceOptimum } from "../../support/brute-force.js";
import { freeNetworkProblem } from "../../support/free-network.js";
import { randomProblem } from "../../support/random-problem.js";

const solver = await loadSolver("highs");
const SIZE = { nodes: [1, 4], layers: [2, 5] } as const;

function boundsOf(problem: PlanningProblem): readonly [a: number, b: number, c: number] {
  const { constraints, cluster } = problem;
  const { layers } = cluster.model;
  const { maxNodesPerStage } = constraints;
  const classes = groupMachines(cluster, constraints);
  const options = maxNodesPerStage === undefined ? {} : { maxNodesPerStage };
  return [
    computeSumBound(classes, layers),
    truncatedSumBound(classes, layers),
    configurationBound(classes, layers, solver, options),
  ];
}

function expectValid(problem: PlanningProblem): void {
  const { throughput } = bruteForceOptimum(problem);
  const [a, b, c] = boundsOf(problem);
  expect(c).toBeGreaterThanOrEqual(throughput);
  expect(b).toBeGreaterThanOrEqual(c * (1 - 1e-12));
  expect(a).toBeGreaterThanOrEqual(b * (1 - 1e-6));
}

test("no bound is below the best of all placements, bumpy tables and both modes of inference", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.boolean(), (seed, partial) =>
      expectValid(freeNetworkProblem(seed, SIZE, partial)),
    ),
    { seed: 31, numRuns: 150 },
  );
});

test("nor where the network binds", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => expectValid(randomProblem(seed, SIZE))),
    { seed: 32, numRuns: 100 },
  );
});

test("nor under pins, drained nodes and few nodes per stage", () => {
  const draw = fc.record({
    seed: fc.integer({ min: 1, max: 1e6 }),
    pinned: fc.boolean(),
    drained: fc.boolean(),
    maxNodesPerStage: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(draw, ({ seed, pinned, drained, maxNodesPerStage }) => {
      const problem = freeNetworkProblem(seed, { nodes: [3, 4], layers: [2, 5] }, true);
      const constraints = {
        pins: new Map(pinned ? [[0, [0, 1] as const]] : []),
        drained: new Set(drained ? [1] : []),
        ...(maxNodesPerStage === undefined ? {} : { maxNodesPerStage }),
      };
      expectValid({ ...problem, constraints });
    }),
    { seed: 33, numRuns: 100 },
  );
});

test("equal machines are one class; drained nodes are none; a pinned node has its own k only", () => {
  const { cluster } = freeNetworkProblem(5, { nodes: [4, 4], layers: [4, 4] }, true);
  const capacity = {
    maxLayers: 2,
    tokensPerSecond: [8, 3],
    source: "given" as const,
  };
  const machines = ["x", "y"].map((name) => ({ ...cluster.machines[0]!, name, capacity }));
  const nodes = cluster.nodes.map((node, index) => ({ ...node, machine: index % 2 }));
  const classes = groupMachines(
    { ...cluster, machines, nodes },
    { pins: new Map([[3, [1, 3]]]), drained: new Set([0]) },
  );
  expect(classes.map(({ nodes: members }) => members)).toEqual([[1, 2], [3]]);
  expect(classes[1]).toMatchObject({ pin: [1, 3], options: [{ layers: 2, rate: 3 }] });
});

test("a NIC that binds lowers the rate; a model too large for all nodes has bound 0", () => {
  const problem = freeNetworkProblem(9, { nodes: [2, 2], layers: [5, 5] }, true);
  const { cluster } = problem;
  const machines = [
    {
      ...cluster.machines[0]!,
      nicBytesPerSecond: 4 * cluster.model.activationBytes,
      capacity: { maxLayers: 2, tokensPerSecond: [10, 5], source: "given" as const },
    },
  ];
  const nodes = cluster.nodes.map((node) => ({ ...node, machine: 0 }));
  const thin = { ...problem, cluster: { ...cluster, machines, nodes } };
  expect(groupMachines(thin.cluster, thin.constraints)[0]!.options.map((o) => o.rate)).toEqual([
    4, 4,
  ]);
  const [, b, c] = boundsOf(thin);
  expect([b, c]).toEqual([0, 0]);
});

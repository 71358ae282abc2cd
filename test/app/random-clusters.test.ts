import * as fc from "fast-check";
import { expect, test } from "vitest";
import { plan, type PlanOptions, type PlanOutcome } from "../../src/app/plan.js";
import type { Cluster } from "../../src/cluster/cluster.js";
import { createRandom } from "../../src/random.js";
import type { PlanningProblem } from "../../src/search/problem.js";
import { loadSolver } from "../../src/solver/load-solver.js";
import { bruteForceOptimum, countPlacements, maxFlowOf } from "../support/brute-force.js";
import { expectNear, expectSoundPlan } from "../support/expect-sound-plan.js";
import { createInlinePorts } from "../support/inline-ports.js";
import { randomPlacement, randomProblem } from "../support/random-problem.js";

const highs = await loadSolver("highs");
const ports = createInlinePorts();

/** Beyond this many placements nobody tries them all. */
const MOST_ENUMERATED = 600;

const problems = fc
  .nat(1_000_000)
  .map((seed) => randomProblem(seed, { nodes: [1, 4], layers: [1, 5], regions: 2 }));

function planFor(problem: PlanningProblem, options: PlanOptions = {}): Promise<PlanOutcome> {
  const { cluster, partialInference, constraints } = problem;
  return plan(cluster, { partialInference, constraints, threads: 0, ...options }, ports);
}

function expectBoundHolds(problem: PlanningProblem, upperBound: number): void {
  const random = createRandom(1);
  for (let trial = 0; trial < 5; trial++) {
    const placement = randomPlacement(problem, random);
    const flow = maxFlowOf(problem.cluster, placement, problem.partialInference);
    expect(flow).toBeLessThanOrEqual(upperBound * (1 + 1e-9));
  }
}

// Few steps per strategy: what is found may be poor, but all that is said of it must hold.
test("1,000 random clusters: sound plans, and no bound below anything feasible", async () => {
  let planned = 0;
  let enumerated = 0;
  await fc.assert(
    fc.asyncProperty(problems, async (problem) => {
      const outcome = await planFor(problem, { iterationLimit: 2, gap: 0 });
      const small = countPlacements(problem) <= MOST_ENUMERATED;
      const optimum = small ? bruteForceOptimum(problem).throughput : undefined;
      if (outcome.kind === "infeasible") {
        expect(optimum ?? 0).toBe(0);
        return;
      }
      if (outcome.kind === "not-found") return;
      planned += 1;
      const { throughput, upperBound } = outcome.file;
      expectSoundPlan(problem.cluster, outcome.file, highs);
      expectBoundHolds(problem, upperBound);
      if (optimum === undefined) return;
      enumerated += 1;
      expect(throughput).toBeLessThanOrEqual(optimum * (1 + 1e-9));
      expect(optimum).toBeLessThanOrEqual(upperBound * (1 + 1e-9));
    }),
    { seed: 20, numRuns: 1000 },
  );
  expect(planned).toBeGreaterThan(500);
  expect(enumerated).toBeGreaterThan(200);
});

/** The proven optimum (0 = none), by the exact model. */
async function optimumOf(problem: PlanningProblem): Promise<number> {
  const outcome = await planFor(problem, { strategy: "milp", solver: "glpk", gap: 1e-6 });
  if (outcome.kind !== "planned") return 0;
  expectNear(outcome.file.upperBound, outcome.file.throughput, 1e-5);
  return outcome.file.throughput;
}

test("the exact model finds what trying every placement finds", async () => {
  await fc.assert(
    fc.asyncProperty(problems, async (problem) => {
      fc.pre(countPlacements(problem) <= MOST_ENUMERATED);
      expectNear(await optimumOf(problem), bruteForceOptimum(problem).throughput, 1e-6);
    }),
    { seed: 21, numRuns: 150 },
  );
});

test("a node more never lowers the optimum", async () => {
  await fc.assert(
    fc.asyncProperty(problems, async (problem) => {
      const { cluster } = problem;
      fc.pre(cluster.nodes.length > 1);
      const last = cluster.nodes.length - 1;
      const fewer: Cluster = { ...cluster, nodes: cluster.nodes.slice(0, last) };
      const exceptions = new Map(
        [...cluster.network.exceptions]
          .filter(([from]) => from !== last)
          .map(([from, row]) => [from, new Map([...row].filter(([to]) => to !== last))]),
      );
      const network = { ...cluster.network, exceptions };
      const less = await optimumOf({ ...problem, cluster: { ...fewer, network } });
      expect(await optimumOf(problem)).toBeGreaterThanOrEqual(less * (1 - 1e-6));
    }),
    { seed: 22, numRuns: 60 },
  );
});

test("the optimum scales with all rates", async () => {
  await fc.assert(
    fc.asyncProperty(problems, fc.constantFrom(0.25, 3, 40), async (problem, factor) => {
      const scaled = { ...problem, cluster: scale(problem.cluster, factor) };
      expectNear(await optimumOf(scaled), factor * (await optimumOf(problem)), 1e-5);
    }),
    { seed: 23, numRuns: 60 },
  );
});

/** The cluster with every T(k), NIC and bandwidth times the factor. */
function scale(cluster: Cluster, factor: number): Cluster {
  const { network, coordinator } = cluster;
  const link = <L extends { readonly bandwidthBytesPerSecond: number } | undefined>(one: L): L =>
    one && { ...one, bandwidthBytesPerSecond: one.bandwidthBytesPerSecond * factor };
  return {
    ...cluster,
    machines: cluster.machines.map((machine) => ({
      ...machine,
      nicBytesPerSecond: machine.nicBytesPerSecond * factor,
      capacity: {
        ...machine.capacity,
        tokensPerSecond: machine.capacity.tokensPerSecond.map((rate) => rate * factor),
      },
    })),
    network: {
      byRegion: network.byRegion.map((row) => row.map(link)),
      exceptions: new Map(
        [...network.exceptions].map(([from, row]) => [
          from,
          new Map([...row].map(([to, one]) => [to, link(one)])),
        ]),
      ),
    },
    coordinator: {
      ...coordinator,
      nicBytesPerSecond: coordinator.nicBytesPerSecond * factor,
    },
  };
}

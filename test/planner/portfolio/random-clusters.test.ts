import * as fc from "fast-check";
import { expect, test } from "vitest";
import { plan, type PlanOptions, type PlanOutcome } from "../../../src/serving/plan/plan.js";
import type { Cluster } from "../../../src/core/cluster.js";
import { buildNodeModel } from "../../../src/planner/node-milp/node-model.js";
import { InputError } from "../../../src/core/errors.js";
import { createRandom } from "../../../src/core/random.js";
import type { PlanningProblem } from "../../../src/planner/problem/problem.js";
import { chooseSchedule } from "../../../src/planner/portfolio/choose-schedule.js";
import { strategyChoices, type StrategyChoice } from "../../../src/planner/portfolio/strategies.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { bruteForceOptimum, countPlacements, maxFlowOf } from "../../support/brute-force.js";
import { expectNear, expectSoundPlan } from "../../support/expect-sound-plan.js";
import { createInlinePorts } from "../../support/inline-ports.js";
import { randomPlacement, randomProblem } from "../../support/random-problem.js";

const highs = await loadSolver("highs");
const glpk = await loadSolver("glpk");
const ports = createInlinePorts();

/** Every strategy alone, and all together. The paper's own model is there for comparison only. */
const choices = fc.oneof(
  fc.constant("portfolio" as const),
  fc.constantFrom(...strategyChoices().filter((choice) => choice !== "milp-paper")),
);

/** Beyond this many placements nobody tries them all. */
const MOST_ENUMERATED = 600;

const problems = fc
  .nat(1_000_000)
  .map((seed) => randomProblem(seed, { nodes: [1, 4], layers: [1, 5], regions: 2 }));

function planFor(problem: PlanningProblem, options: PlanOptions = {}): Promise<PlanOutcome> {
  const { cluster, partialInference, constraints } = problem;
  return plan(cluster, { partialInference, constraints, threads: 0, ...options }, ports);
}

/** The strategy where it has something to say of the problem, else all that have. */
function suitable(problem: PlanningProblem, choice: StrategyChoice): StrategyChoice {
  try {
    chooseSchedule(problem, choice);
    return choice;
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return "portfolio";
  }
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
    fc.asyncProperty(problems, choices, async (problem, choice) => {
      const strategy = suitable(problem, choice);
      const solver = "glpk";
      const outcome = await planFor(problem, { strategy, solver, iterationLimit: 2, gap: 0 });
      const small = countPlacements(problem) <= MOST_ENUMERATED;
      const optimum = small ? bruteForceOptimum(problem).throughput : undefined;
      if (outcome.kind === "infeasible") {
        expect(optimum ?? 0).toBe(0);
        return;
      }
      if (outcome.kind !== "planned") return;
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
  expect(planned).toBeGreaterThan(300);
  expect(enumerated).toBeGreaterThan(100);
});

/** The optimum of the exact model. */
function optimumOf(problem: PlanningProblem): number {
  const result = glpk.solve(buildNodeModel(problem, { tightened: true }).model);
  expect(result.status, result.message).toBe("optimal");
  return result.objective!;
}

test("the exact model finds what trying every placement finds", () => {
  fc.assert(
    fc.property(problems, (problem) => {
      fc.pre(countPlacements(problem) <= MOST_ENUMERATED);
      expectNear(optimumOf(problem), bruteForceOptimum(problem).throughput, 1e-6);
    }),
    { seed: 21, numRuns: 150 },
  );
});

test("a node more never lowers the optimum", () => {
  fc.assert(
    fc.property(problems, (problem) => {
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
      const less = optimumOf({ ...problem, cluster: { ...fewer, network } });
      expect(optimumOf(problem)).toBeGreaterThanOrEqual(less * (1 - 1e-6) - 1e-12);
    }),
    { seed: 22, numRuns: 60 },
  );
});

test("the optimum scales with all rates", () => {
  fc.assert(
    fc.property(problems, fc.constantFrom(0.25, 3, 40), (problem, factor) => {
      const scaled = { ...problem, cluster: scale(problem.cluster, factor) };
      expectNear(optimumOf(scaled), factor * optimumOf(problem), 1e-5);
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

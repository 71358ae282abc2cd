import { expect, test } from "vitest";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { createRandom } from "../../../src/core/random.js";
import {
  checkHeld,
  checkStageSizes,
  violatedConstraints,
} from "../../../src/planner/problem/constraint-check.js";
import { solveConstrainedFlow } from "../../../src/planner/problem/constrained-flow.js";
import { lnsMilp } from "../../../src/planner/local/lns-milp.js";
import { localSearch } from "../../../src/planner/local/local-search.js";
import type {
  PlacementConstraints,
  PlanningProblem,
} from "../../../src/planner/problem/problem.js";
import type { Strategy } from "../../../src/planner/problem/strategy.js";
import { bruteForceOptimum, countPlacements, maxFlowOf } from "../../support/brute-force.js";
import { randomPlacement, randomProblem } from "../../support/random-problem.js";
import { createRecordingContext, type RecordingContext } from "../../support/search-context.js";

const highs = await loadSolver("highs");
const glpk = await loadSolver("glpk");

function run(
  strategy: Strategy,
  problem: PlanningProblem,
  seed: number,
  iterations: number,
  accepts?: Parameters<typeof createRecordingContext>[1]["accepts"],
): RecordingContext {
  const start = randomPlacement(problem, createRandom(seed));
  const context = createRecordingContext(problem, {
    solver: highs,
    seed,
    iterations,
    start,
    ...(accepts === undefined ? {} : { accepts }),
  });
  strategy(problem, context);
  return context;
}

test("local search finds the optimum of clusters small enough to enumerate", () => {
  let [seen, optimal] = [0, 0];
  for (let seed = 1; seen < 40; seed++) {
    const problem = randomProblem(seed, { nodes: [2, 4], layers: [2, 5] });
    if (countPlacements(problem) > 1500) continue;
    seen += 1;
    const best = bruteForceOptimum(problem).throughput;
    const found = run(localSearch, problem, seed, 4000).incumbent()?.throughput ?? 0;
    expect(found).toBeLessThanOrEqual(best * (1 + 1e-9));
    if (found >= best * (1 - 1e-9)) optimal += 1;
  }
  expect(optimal).toBeGreaterThanOrEqual(38);
});

test("neither search ends below its start, and the same seed makes the same offers", () => {
  for (const [strategy, iterations, seeds] of [
    [localSearch, 3000, 12],
    [lnsMilp, 4, 4],
  ] as const) {
    for (let seed = 1; seed <= seeds; seed++) {
      const problem = randomProblem(seed, { nodes: [4, 9], layers: [6, 14], regions: 3 });
      const start = randomPlacement(problem, createRandom(seed));
      const begin = maxFlowOf(problem.cluster, start, problem.partialInference);
      const [first, second] = [1, 2].map(() => run(strategy, problem, seed, iterations));
      expect(first!.incumbent()!.throughput).toBeGreaterThanOrEqual(begin);
      expect(JSON.stringify(first!.offers)).toBe(JSON.stringify(second!.offers));
    }
  }
});

test("LNS improves on a placement with one node out of place", () => {
  let improved = 0;
  for (let seed = 1; seed <= 5; seed++) {
    const problem = randomProblem(seed, { nodes: [3, 4], layers: [4, 5], missing: 0 });
    const searched = run(localSearch, problem, seed, 20_000).incumbent()!;
    const worse = searched.placement.map((interval, node) => (node === seed % 3 ? null : interval));
    const context = createRecordingContext(problem, {
      solver: glpk,
      iterations: 3,
      start: worse,
    });
    const begin = context.incumbent()!.throughput;
    lnsMilp(problem, context);
    expect(context.incumbent()!.throughput).toBeGreaterThanOrEqual(begin);
    if (begin > 0 && context.incumbent()!.throughput > begin) improved += 1;
  }
  expect(improved).toBeGreaterThanOrEqual(2);
});

test("LNS gives up where two turns were too short for one round", () => {
  const problem = randomProblem(3, { nodes: [10, 10], layers: [14, 14], regions: 3 });
  const start = randomPlacement(problem, createRandom(3));
  let solves = 0;
  const solver: typeof highs = {
    ...highs,
    solve: (model, options) => {
      solves += 1;
      return highs.solve(model, { ...options, shouldStop: () => true });
    },
  };
  const context = createRecordingContext(problem, { solver, start });
  const goOn = lnsMilp(problem, context)!;
  expect(solves).toBe(1);
  for (let turn = 0; turn < 3; turn++) goOn(context);
  expect(solves).toBe(2);
});

test("every offer keeps memory, layers, pins, drains, stage sizes and depth", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const given = randomProblem(seed, { nodes: [4, 8], layers: [4, 10], regions: 2 });
    const constraints: PlacementConstraints = {
      pins: new Map([[0, [0, 1]]]),
      drained: new Set([1]),
      maxNodesPerStage: 3,
      maxDepth: 4,
    };
    const problem = { ...given, constraints };
    const context = createRecordingContext(problem, { solver: highs, seed, iterations: 3000 });
    localSearch(problem, context);
    for (const { placement } of context.offers) {
      expect([...checkHeld(problem, placement), ...checkStageSizes(problem, placement)]).toEqual(
        [],
      );
      const { built, maxFlow, unrestricted } = solveConstrainedFlow(problem, placement);
      expect(unrestricted).toBe(true);
      expect(violatedConstraints(problem, placement, built, maxFlow.flow)).toEqual([]);
      placement.forEach((interval, node) => {
        if (interval === null) return;
        const { maxLayers } = given.cluster.machines[given.cluster.nodes[node]!.machine]!.capacity;
        expect(interval[0]).toBeGreaterThanOrEqual(0);
        expect(interval[1]).toBeGreaterThan(interval[0]);
        expect(interval[1]).toBeLessThanOrEqual(given.cluster.model.layers);
        expect(interval[1] - interval[0]).toBeLessThanOrEqual(maxLayers);
      });
    }
  }
});

test("it stops when told, and leaves alone what is beyond it", () => {
  const problem = randomProblem(1, { nodes: [8, 8], layers: [8, 8] });
  let polls = 0;
  const context = createRecordingContext(problem, {
    solver: highs,
    shouldStop: () => ++polls > 3,
  });
  localSearch(problem, context);
  expect(polls).toBeLessThan(10);
  const huge = randomProblem(2, { nodes: [2000, 2000], layers: [8, 8] });
  const idle = createRecordingContext(huge, { solver: highs });
  localSearch(huge, idle);
  lnsMilp(huge, idle);
  expect(idle.offers).toEqual([]);
});

test("cut into turns it does what it does in one go", () => {
  let compared = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const problem = randomProblem(seed, { nodes: [6, 10], layers: [8, 12] });
    const start = randomPlacement(problem, createRandom(seed));
    let calls = 0;
    const once = createRecordingContext(problem, {
      solver: highs,
      seed,
      start,
      shouldStop: () => ++calls > 150,
    });
    localSearch(problem, once);
    let polls = 0;
    const turns = createRecordingContext(problem, {
      solver: highs,
      seed,
      start,
      shouldStop: () => ++polls > 7,
    });
    const goOn = localSearch(problem, turns);
    expect(goOn).toBeDefined();
    for (let turn = 0; turn < 40; turn++) {
      polls = 0;
      goOn?.(turns);
    }
    const common = Math.min(once.offers.length, turns.offers.length);
    compared += common;
    expect(turns.offers.slice(0, common)).toEqual(once.offers.slice(0, common));
  }
  expect(compared).toBeGreaterThan(20);
});

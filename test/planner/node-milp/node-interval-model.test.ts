import { expect, test } from "vitest";
import {
  buildIntervalModel,
  readIntervalPlacement,
} from "../../../src/planner/node-milp/node-interval-model.js";
import type { PlanningProblem } from "../../../src/planner/problem/problem.js";
import { fixNodes } from "../../../src/planner/views/fix-nodes.js";
import { createRandom } from "../../../src/core/random.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { bruteForceOptimum, countPlacements, maxFlowOf } from "../../support/brute-force.js";
import { randomPlacement, randomProblem } from "../../support/random-problem.js";

const glpk = await loadSolver("glpk");

/** Whether some node's NIC could be charged two ways: the one case that the model relaxes. */
function hasMixedNic({ cluster, partialInference }: PlanningProblem): boolean {
  return (
    partialInference &&
    cluster.nodes.some(({ machine }) => {
      const { nicBytesPerSecond, capacity } = cluster.machines[machine]!;
      const most = Math.max(...capacity.tokensPerSecond);
      return nicBytesPerSecond / cluster.model.activationBytes < most;
    })
  );
}

test("its optimum is the best max flow, with all nodes free and with some", () => {
  let exact = 0;
  for (let seed = 1; seed <= 90; seed++) {
    const given = randomProblem(seed, { nodes: [2, 4], layers: [2, 4] });
    if (countPlacements(given) > 700) continue;
    const fixed = fixNodes(given, randomPlacement(given, createRandom(seed)), new Set([0, 1]));
    for (const problem of [given, fixed]) {
      const best = bruteForceOptimum(problem);
      const interval = buildIntervalModel(problem);
      const result = glpk.solve(interval.model);
      expect(result.status).toBe("optimal");
      const placement = readIntervalPlacement(interval, result.columns!);
      const carried = maxFlowOf(problem.cluster, placement, problem.partialInference);
      const what = `seed ${seed}`;
      expect(result.objective, what).toBeGreaterThanOrEqual(best.throughput - 1e-4);
      if (hasMixedNic(problem)) continue;
      exact += 1;
      expect(result.objective, what).toBeCloseTo(best.throughput, 4);
      expect(carried, what).toBeCloseTo(best.throughput, 4);
    }
  }
  expect(exact).toBeGreaterThan(60);
});

test("a valid upper bound leaves the optimum, a stage limit is kept", () => {
  for (let seed = 200; seed < 240; seed++) {
    const given = randomProblem(seed, { nodes: [2, 4], layers: [2, 4] });
    if (countPlacements(given) > 700 || hasMixedNic(given)) continue;
    const constraints = { pins: new Map(), drained: new Set<number>(), maxNodesPerStage: 1 };
    const problem = { ...given, constraints };
    const best = bruteForceOptimum(problem);
    const result = glpk.solve(buildIntervalModel(problem, best.throughput * 1.01 + 0.01).model);
    expect(result.objective, `seed ${seed}`).toBeCloseTo(best.throughput, 4);
  }
});

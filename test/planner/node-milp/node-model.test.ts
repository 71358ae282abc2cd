import { expect, test } from "vitest";
import { checkSolution } from "../../../src/math/lp/check-solution.js";
import type { Solver } from "../../../src/math/lp/solver.js";
import { buildNodeModel, readPlacement } from "../../../src/planner/node-milp/node-model.js";
import { columnsFromPlacement } from "../../../src/planner/node-milp/node-start.js";
import { createRandom } from "../../../src/core/random.js";
import type { PlanningProblem } from "../../../src/planner/problem/problem.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { bruteForceOptimum, countPlacements, maxFlowOf } from "../../support/brute-force.js";
import { randomPlacement, randomProblem } from "../../support/random-problem.js";

const highs = await loadSolver("highs");
const glpk = await loadSolver("glpk");

function smallProblems(count: number, firstSeed: number, most: number): PlanningProblem[] {
  const found: PlanningProblem[] = [];
  for (let seed = firstSeed; found.length < count; seed++) {
    const problem = randomProblem(seed, { nodes: [2, 4], layers: [2, 5] });
    if (countPlacements(problem) <= most) found.push(problem);
  }
  return found;
}

function expectOptimum(solver: Solver, problem: PlanningProblem, tightened: boolean): void {
  const best = bruteForceOptimum(problem);
  const nodeModel = buildNodeModel(problem, { tightened });
  const result = solver.solve(nodeModel.model, { seed: 1 });
  const what = `${problem.cluster.name}, ${solver.name}, ${tightened ? "tightened" : "plain"}`;
  expect(result.status, `${what} ${result.message ?? ""}`).toBe("optimal");
  expect(result.objective, what).toBeCloseTo(best.throughput, 3);
  expect(result.bound, what).toBeGreaterThanOrEqual(best.throughput - 1e-4);
  const placement = readPlacement(nodeModel, result.columns!);
  const carried = maxFlowOf(problem.cluster, placement, problem.partialInference);
  expect(carried, what).toBeCloseTo(result.objective!, 3);
}

test("the optimum, tightened or not, is the best max flow over all placements", () => {
  for (const problem of smallProblems(220, 1, 700)) {
    expectOptimum(glpk, problem, true);
    expectOptimum(glpk, problem, false);
  }
});

test("HiGHS agrees", () => {
  for (const problem of smallProblems(25, 1000, 700)) expectOptimum(highs, problem, true);
  for (const problem of smallProblems(8, 2000, 700)) expectOptimum(highs, problem, false);
});

test("any placement's columns satisfy the model and carry its max flow", () => {
  for (let seed = 1; seed <= 150; seed++) {
    const problem = randomProblem(seed, { nodes: [2, 9], layers: [2, 12], regions: 3 });
    const placement = randomPlacement(problem, createRandom(seed));
    for (const tightened of [false, true]) {
      const nodeModel = buildNodeModel(problem, { tightened });
      const columns = columnsFromPlacement(nodeModel, placement)!;
      const check = checkSolution(nodeModel.model, columns);
      expect(check.violations, `seed ${seed}, tightened ${tightened}`).toEqual([]);
      const carried = maxFlowOf(problem.cluster, placement, problem.partialInference);
      expect(check.objective).toBeCloseTo(carried, 6);
    }
  }
});

import { expect, test } from "vitest";
import { COORDINATOR } from "../../../src/core/cluster.js";
import { checkFlow } from "../../../src/math/flow/certificate.js";
import type { Solver } from "../../../src/math/lp/solver.js";
import { checkSolution } from "../../../src/math/lp/check-solution.js";
import {
  buildNodeModel,
  readPlacement,
  type NodeModel,
} from "../../../src/planner/node-milp/node-model.js";
import { columnsFromPlacement } from "../../../src/planner/node-milp/node-start.js";
import { buildPlacementNetwork } from "../../../src/planner/graph/placement-network.js";
import { createRandom } from "../../../src/core/random.js";
import { violatedConstraints } from "../../../src/planner/problem/constraint-check.js";
import { solveConstrainedFlow } from "../../../src/planner/problem/constrained-flow.js";
import type {
  PlacementConstraints,
  PlanningProblem,
} from "../../../src/planner/problem/problem.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { bruteForceOptimum, countPlacements } from "../../support/brute-force.js";
import { randomPlacement, randomProblem } from "../../support/random-problem.js";

const glpk = await loadSolver("glpk");
const highs = await loadSolver("highs");

const NONE: PlacementConstraints = { pins: new Map(), drained: new Set() };

function problemsWith(
  firstSeed: number,
  count: number,
  constrain: (problem: PlanningProblem, seed: number) => PlacementConstraints,
): PlanningProblem[] {
  const found: PlanningProblem[] = [];
  for (let seed = firstSeed; found.length < count; seed++) {
    const problem = randomProblem(seed, { nodes: [3, 4], layers: [2, 4] });
    if (countPlacements(problem) > 700) continue;
    found.push({ ...problem, constraints: constrain(problem, seed) });
  }
  return found;
}

/** The flow that the solution itself carries, on the arcs of its placement's network. */
function readFlow(nodeModel: NodeModel, columns: Float64Array): number {
  const { problem } = nodeModel;
  const planning = problem as PlanningProblem;
  const placement = readPlacement(nodeModel, columns);
  const partialInference = problem.partialInference && problem.constraints.chainsOnly !== true;
  const built = buildPlacementNetwork(problem.cluster, placement, { partialInference });
  const onLink = new Map<string, number>();
  const through = new Map<number, number>();
  for (const { from, to, flow } of nodeModel.arcs) {
    onLink.set(`${from}>${to}`, columns[flow]!);
    through.set(to, (through.get(to) ?? 0) + columns[flow]!);
  }
  const flow = Float64Array.from(built.kinds, (kind, arc) =>
    kind === "link"
      ? (onLink.get(`${built.from[arc]!}>${built.to[arc]!}`) ?? 0)
      : (through.get(built.from[arc]!) ?? 0),
  );
  const onArcs = built.kinds.reduce(
    (sum, kind, arc) => (kind === "link" && built.to[arc] === COORDINATOR ? sum + flow[arc]! : sum),
    0,
  );
  expect(onArcs).toBeCloseTo(through.get(COORDINATOR) ?? 0, 3);
  // A solver's flow is exact to its own 1e-6, and a flow of nothing may hold less than nothing.
  const rounded = flow.map((tokens) => (tokens < 1e-6 ? 0 : tokens));
  expect(checkFlow(built.network, { value: onArcs < 1e-6 ? 0 : onArcs, flow: rounded })).toEqual(
    [],
  );
  expect(violatedConstraints(planning, placement, built, flow)).toEqual([]);
  return onArcs;
}

/** Optimum ≥ every placement's constrained flow, and attained by the solution's own legal flow. */
function expectConstrainedOptimum(solver: Solver, problem: PlanningProblem): void {
  const best = bruteForceOptimum(
    problem,
    (placement) => solveConstrainedFlow(problem, placement).maxFlow.value,
  );
  for (const tightened of [true, false]) {
    const nodeModel = buildNodeModel(problem, { tightened });
    const result = solver.solve(nodeModel.model);
    const what = `${problem.cluster.name} ${tightened ? "tightened" : "plain"}`;
    expect(result.status, what).toBe("optimal");
    expect(result.objective, what).toBeGreaterThanOrEqual(best.throughput - 1e-3);
    expect(readFlow(nodeModel, result.columns!), what).toBeCloseTo(result.objective!, 3);
    const { maxDepth, chainsOnly } = problem.constraints;
    if (maxDepth === undefined && chainsOnly !== true)
      expect(result.objective, what).toBeCloseTo(best.throughput, 3);
  }
}

test("pins and drains", () => {
  const problems = problemsWith(1, 25, (problem, seed) => {
    const random = createRandom(seed);
    const interval = randomPlacement(problem, random)[0] ?? null;
    const pins = new Map(interval === null ? [] : [[0, interval] as const]);
    return { pins, drained: new Set(random.int(2) === 0 ? [1] : []) };
  });
  for (const problem of problems) expectConstrainedOptimum(glpk, problem);
});

test("at most m nodes per stage", () => {
  const problems = problemsWith(100, 25, (_, seed) => ({
    ...NONE,
    maxNodesPerStage: 1 + (seed % 2),
  }));
  for (const problem of problems) expectConstrainedOptimum(glpk, problem);
});

test("depth limited", () => {
  const problems = problemsWith(200, 25, (_, seed) => ({ ...NONE, maxDepth: 1 + (seed % 3) }));
  for (const problem of problems) expectConstrainedOptimum(glpk, problem);
});

test("chains only", () => {
  const problems = problemsWith(300, 25, () => ({ ...NONE, chainsOnly: true }));
  for (const problem of problems) expectConstrainedOptimum(glpk, problem);
});

test("all of them at once, on HiGHS", () => {
  const problems = problemsWith(400, 2, (_, seed) => ({
    ...NONE,
    maxDepth: 2,
    maxNodesPerStage: 2,
    chainsOnly: seed % 2 === 0,
    drained: new Set([seed % 3]),
  }));
  for (const problem of problems) expectConstrainedOptimum(highs, problem);
});

test("columns of a placement that keeps depth and stage size satisfy the model", () => {
  let kept = 0;
  for (let seed = 1; seed <= 120; seed++) {
    const given = randomProblem(seed, { nodes: [3, 6], layers: [2, 5] });
    const constraints = { ...NONE, maxDepth: 3, maxNodesPerStage: 3 };
    const problem = { ...given, constraints };
    const placement = randomPlacement(problem, createRandom(seed));
    const { built, maxFlow, unrestricted } = solveConstrainedFlow(problem, placement);
    if (!unrestricted) continue;
    if (violatedConstraints(problem, placement, built, maxFlow.flow).length > 0) continue;
    kept += 1;
    for (const tightened of [true, false]) {
      const nodeModel = buildNodeModel(problem, { tightened });
      const check = checkSolution(nodeModel.model, columnsFromPlacement(nodeModel, placement)!);
      expect(check.violations, `seed ${seed}`).toEqual([]);
      expect(check.objective).toBeCloseTo(maxFlow.value, 6);
    }
  }
  expect(kept).toBeGreaterThan(30);
});

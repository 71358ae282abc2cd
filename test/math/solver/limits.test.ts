import { expect, test } from "vitest";
import { checkSolution } from "../../../src/math/lp/check-solution.js";
import { createModelBuilder } from "../../../src/math/lp/model-builder.js";
import type { LinearModel } from "../../../src/math/lp/linear-model.js";
import type { Solver } from "../../../src/math/lp/solver.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { knapsack } from "./random-model.js";

const highs = await loadSolver("highs");
const glpk = await loadSolver("glpk");
const solvers: readonly [string, Solver][] = [
  ["highs", highs],
  ["glpk", glpk],
];

const hard = knapsack(60, 6);
const easy = knapsack(12, 2);

/** One row: side ≤ Σ x ≤ side, over columns with the bounds given. */
function oneRow(bounds: [number, number][], side: [number, number], integer = false): LinearModel {
  const builder = createModelBuilder("minimize", 5);
  for (const [lower, upper] of bounds) builder.addColumn({ lower, upper, cost: 1, integer });
  const entries = [bounds.map((_, j) => j), bounds.map(() => 1)] as const;
  builder.addRow({ lower: side[0], upper: side[1], entries });
  return builder.build();
}

test.each(solvers)("%s: infeasible, unbounded, free, empty", (_, solver) => {
  expect(solver.solve(oneRow([[0, 1]], [2, 2])).status).toBe("infeasible");
  expect(solver.solve(oneRow([[0, 10]], [2.5, 2.5], true)).status).toBe("infeasible");
  expect(solver.solve(oneRow([[3, 2]], [-9, 9])).status).toBe("infeasible");
  expect(solver.solve(oneRow([[0.2, 0.8]], [-9, 9], true)).status).toBe("infeasible");
  expect(solver.solve(oneRow([[-Infinity, 1]], [-Infinity, 0])).status).toBe("unbounded");
  expect(solver.solve(oneRow([[-Infinity, 1]], [-Infinity, 0], true)).status).toBe("unbounded");
  const free = solver.solve(oneRow([[-Infinity, Infinity]], [-4.5, Infinity]));
  expect([free.status, free.objective]).toEqual(["optimal", 0.5]);
  const whole = solver.solve(oneRow([[-Infinity, Infinity]], [-4.5, Infinity], true));
  expect([whole.status, whole.objective, whole.columns![0]]).toEqual(["optimal", 1, -4]);
  const empty = solver.solve(createModelBuilder("maximize", 3).build());
  expect([empty.status, empty.objective, empty.columns!.length]).toEqual(["optimal", 3, 0]);
  expect(solver.solve(oneRow([], [0, 1])).status).toBe("optimal");
  expect(solver.solve(oneRow([], [1, 1])).status).toBe("infeasible");
  // Unbounded as an LP, infeasible in integers.
  const both = createModelBuilder("minimize");
  for (let j = 0; j < 2; j++)
    both.addColumn({ lower: -Infinity, upper: Infinity, cost: -1, integer: true });
  both.addRow({
    lower: 1,
    upper: 1,
    entries: [
      [0, 1],
      [2, -2],
    ],
  });
  expect(solver.solve(both.build(), { relax: true }).status).toBe("unbounded");
  const parity = solver.solve(both.build(), { timeLimitSeconds: 20 });
  expect(parity.status).toBe(solver.name === "highs" ? "infeasible" : "failed");
});

test.each(solvers)("%s: relax ignores integrality and gives duals", (_, solver) => {
  const exact = solver.solve(easy);
  const relaxed = solver.solve(easy, { relax: true });
  expect(exact.rowDuals).toBeUndefined();
  expect(relaxed.rowDuals!.length).toBe(easy.rowCount);
  expect(relaxed.objective!).toBeGreaterThan(exact.objective!);
  expect(relaxed.bound).toBeGreaterThanOrEqual(relaxed.objective!);
});

test.each(solvers)("%s: a cutoff hides what is not better, in either sense", (_, solver) => {
  const flipped: LinearModel = {
    ...easy,
    sense: "minimize",
    cost: easy.cost.map((cost) => -cost),
    objectiveOffset: 7,
  };
  for (const model of [easy, flipped]) {
    const sign = model.sense === "maximize" ? 1 : -1;
    const optimum = solver.solve(model).objective!;
    const above = solver.solve(model, { cutoff: optimum - sign });
    expect([above.status, above.objective]).toEqual(["optimal", optimum]);
    for (const cutoff of [optimum, optimum + sign, optimum + 50 * sign]) {
      const none = solver.solve(model, { cutoff });
      expect([none.status, none.termination]).toEqual(["no-solution", "objective-limit"]);
      expect(none.columns).toBeUndefined();
      expect(sign * (none.bound - optimum)).toBeGreaterThanOrEqual(0);
      expect(sign * (none.bound - cutoff)).toBeLessThanOrEqual(1e-6);
    }
    const relaxed = solver.solve(model, { relax: true });
    const lp = solver.solve(model, { relax: true, cutoff: relaxed.objective! + sign });
    expect([lp.status, lp.termination]).toEqual(["no-solution", "objective-limit"]);
    expect(lp.bound).toBeCloseTo(relaxed.objective!, 6);
  }
});

test.each(solvers)(
  "%s: a start is checked, and stands in when a limit leaves nothing",
  (_, solver) => {
    const start = new Float64Array(hard.columnCount);
    start[3] = 1;
    const options = { timeLimitSeconds: 0, start };
    const kept = solver.solve(hard, options);
    expect([kept.status, kept.termination, kept.startAccepted]).toEqual([
      "feasible",
      "time-limit",
      true,
    ]);
    expect(kept.objective).toBeGreaterThanOrEqual(hard.cost[3]!);
    const refused = solver.solve(easy, { start: new Float64Array(12).fill(1) });
    expect([refused.status, refused.startAccepted]).toEqual(["optimal", false]);
    expect(refused.message).toMatch(/start was ignored.*row-bound/);
    const short = solver.solve(easy, { start: new Float64Array(3) });
    expect([short.status, short.startAccepted]).toEqual(["optimal", false]);
    const none = solver.solve(hard, { timeLimitSeconds: 0 });
    expect([none.status, none.termination]).toEqual(["no-solution", "time-limit"]);
  },
);

test("highs: a node limit leaves a solution and a bound around the optimum", () => {
  const limited = highs.solve(hard, { nodeLimit: 1, seed: 4 });
  expect([limited.status, limited.termination]).toEqual(["feasible", "node-limit"]);
  expect(checkSolution(hard, limited.columns!).feasible).toBe(true);
  expect(limited.bound).toBeGreaterThan(limited.objective!);
  const again = highs.solve(hard, { nodeLimit: 1, seed: 4 });
  expect(again).toEqual(limited);
});

test("highs: interrupting keeps the incumbent; incumbents improve and pass the checker", () => {
  const told: number[] = [];
  const result = highs.solve(hard, {
    onIncumbent(objective, columns) {
      const check = checkSolution(hard, columns);
      expect(check.feasible).toBe(true);
      expect(check.objective).toBe(objective);
      told.push(objective);
      columns.fill(Number.NaN);
    },
    shouldStop: () => told.length >= 2,
  });
  expect([result.status, result.termination]).toEqual(["feasible", "interrupted"]);
  expect(told.length).toBeGreaterThanOrEqual(2);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(result.objective!).toBeGreaterThanOrEqual(told.at(-1)!);
});

test.each(solvers)("%s: an interrupt before anything, and what a callback throws", (_, solver) => {
  const stopped = solver.solve(hard, { shouldStop: () => true });
  expect([stopped.status, stopped.termination]).toEqual(["no-solution", "interrupted"]);
  const oops = (): boolean => {
    throw new RangeError("mine");
  };
  expect(() => solver.solve(hard, { shouldStop: oops })).toThrow(RangeError);
  expect(solver.solve(easy).status).toBe("optimal");
});

test("glpk says what it cannot do", () => {
  const result = glpk.solve(easy, { nodeLimit: 1 });
  expect([result.status, result.message]).toEqual(["optimal", "GLPK has no node limit"]);
});

test("500 models leave no memory behind", () => {
  const model = knapsack(200, 10);
  const round = (): void => {
    expect(highs.solve(model, { relax: true }).status).toBe("optimal");
    const lp = highs.openLp(model);
    expect(lp.solve().status).toBe("optimal");
    lp.dispose();
  };
  for (let k = 0; k < 20; k++) round();
  const before = process.memoryUsage().rss;
  for (let k = 0; k < 500; k++) round();
  expect((process.memoryUsage().rss - before) / 1e6).toBeLessThan(150);
});

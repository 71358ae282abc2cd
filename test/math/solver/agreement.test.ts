import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checkSolution, isBetter } from "../../../src/math/lp/check-solution.js";
import { checkDualBound } from "../check-dual-bound.js";
import type { LinearModel } from "../../../src/math/lp/linear-model.js";
import type { SolveResult } from "../../../src/math/lp/solver.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { randomModel } from "./random-model.js";

const highs = await loadSolver("highs");
const glpk = await loadSolver("glpk");

function expectSound(model: LinearModel, result: SolveResult): void {
  expect(["optimal", "infeasible", "unbounded"]).toContain(result.status);
  if (result.status !== "optimal") return;
  const check = checkSolution(model, result.columns!);
  expect(check.violations).toEqual([]);
  expect(result.objective).toBe(check.objective);
  expect(result.bound).toBeCloseTo(check.objective, 6);
  expect(isBetter(model, check.objective, result.bound)).toBe(false);
}

test("HiGHS and GLPK agree on 250 LPs, and both prove their bound", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(randomModel("lp"), (model) => {
      const results = [highs.solve(model), glpk.solve(model)];
      for (const result of results) {
        expectSound(model, result);
        if (result.status !== "optimal") continue;
        const certificate = checkDualBound(model, result.rowDuals!, result.objective!);
        expect(certificate.proven).toBe(true);
        expect(result.reducedCosts!.length).toBe(model.columnCount);
      }
      seen.add(results[0]!.status);
      expect(results[1]!.status).toBe(results[0]!.status);
      if (results[0]!.status === "optimal")
        expect(results[1]!.objective).toBeCloseTo(results[0]!.objective!, 6);
    }),
    { seed: 1, numRuns: 250 },
  );
  expect([...seen].sort()).toEqual(["infeasible", "optimal", "unbounded"]);
});

test("HiGHS and GLPK agree on 200 mixed-integer models", () => {
  fc.assert(
    fc.property(randomModel("mip"), (model) => {
      const [a, b] = [highs.solve(model), glpk.solve(model)];
      expectSound(model, a);
      expectSound(model, b);
      expect(b.status).toBe(a.status);
      if (a.status === "optimal") expect(b.objective).toBeCloseTo(a.objective!, 6);
    }),
    { seed: 2, numRuns: 200 },
  );
});

test("both find what enumeration finds", () => {
  fc.assert(
    fc.property(randomModel("integer"), (model) => {
      const best = enumerate(model);
      for (const solver of [highs, glpk]) {
        const result = solver.solve(model);
        expectSound(model, result);
        expect(result.status).toBe(best === undefined ? "infeasible" : "optimal");
        expect(result.objective).toBe(best);
      }
    }),
    { seed: 3, numRuns: 120 },
  );
});

/** The best objective over every integer point of the box. */
function enumerate(model: LinearModel): number | undefined {
  const point = model.columnLower.slice();
  let best: number | undefined;
  for (;;) {
    const { feasible, objective } = checkSolution(model, point);
    if (feasible && (best === undefined || isBetter(model, objective, best))) best = objective;
    let j = 0;
    while (j < point.length && point[j] === model.columnUpper[j]) {
      point[j] = model.columnLower[j]!;
      j++;
    }
    if (j === point.length) return best;
    point[j]!++;
  }
}

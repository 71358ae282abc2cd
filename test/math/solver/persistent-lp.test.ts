import type { Highs } from "highs";
import * as module from "highs";
import { expect, test } from "vitest";
import { BugError } from "../../../src/core/errors.js";
import { checkDualBound } from "../check-dual-bound.js";
import { createModelBuilder, extendModel } from "../../../src/math/lp/model-builder.js";
import type { LinearModel } from "../../../src/math/lp/linear-model.js";
import type { Solver } from "../../../src/math/lp/solver.js";
import { openHighsLp } from "../../../src/math/solver/highs-lp.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { knapsack } from "./random-model.js";

const solvers: readonly [string, Solver][] = [
  ["highs", await loadSolver("highs")],
  ["glpk", await loadSolver("glpk")],
];

test.each(solvers)("%s: an open LP follows every change, as a fresh model does", (_, solver) => {
  const model = knapsack(20, 4);
  const lp = solver.openLp(model);
  const fresh = extendModel({ ...model, integer: new Uint8Array(model.columnCount) });
  const agree = (): void => {
    const result = lp.solve();
    const current = fresh.build();
    const expected = solver.solve(current);
    expect(result.status).toBe(expected.status);
    if (expected.status !== "optimal") return;
    expect(result.objective).toBeCloseTo(expected.objective!, 6);
    expect(checkDualBound(current, result.rowDuals!, result.objective!).proven).toBe(true);
  };
  agree();
  for (let round = 0; round < 6; round++) {
    const columns = [round, round + 4].map((shift) => ({
      lower: 0,
      upper: 1 + shift,
      cost: 30 + shift,
      entries: [
        [3, 1, 3],
        [5 + shift, 8, 9],
      ] as const,
    }));
    expect(lp.addColumns(columns)).toBe(lp.columnCount() - 2);
    for (const column of columns) fresh.addColumn(column);
    agree();
    lp.changeColumnBounds(round, 0, 0);
    fresh.setColumnBounds(round, 0, 0);
    lp.changeRowBounds(round % 4, -Infinity, 200 - 10 * round);
    fresh.setRowBounds(round % 4, -Infinity, 200 - 10 * round);
    agree();
    const row = {
      lower: -Infinity,
      upper: 90 - round,
      entries: [
        [round + 9, 2, round],
        [7, 3 + round, 5],
      ] as const,
    };
    expect(lp.addRows([row])).toBe(lp.rowCount() - 1);
    fresh.addRow(row);
    agree();
    lp.changeCosts([7, 8], [5 * round, -round]);
    fresh.setCost(7, 5 * round);
    fresh.setCost(8, -round);
    agree();
  }
  lp.changeRowBounds(0, 1e6, Infinity);
  expect(lp.solve().status).toBe("infeasible");
  lp.changeRowBounds(0, -Infinity, 100);
  expect(lp.solve().status).toBe("optimal");
  lp.addColumns([{ lower: 0, upper: Infinity, cost: 1 }]);
  expect(lp.solve().status).toBe("unbounded");
  lp.dispose();
  lp.dispose();
  expect(() => lp.solve()).toThrow(BugError);
});

test.each(solvers)("%s: column generation solves a cutting-stock LP", (_, solver) => {
  const [widths, demand, roll] = [[45, 36, 31, 14], [97, 610, 395, 211], 100];
  const builder = createModelBuilder("minimize");
  for (const pieces of demand) builder.addRow({ lower: pieces, upper: Infinity });
  const single = (i: number) => [[i], [Math.floor(roll / widths[i]!)]] as const;
  for (let i = 0; i < 4; i++)
    builder.addColumn({ lower: 0, upper: Infinity, cost: 1, entries: single(i) });
  const lp = solver.openLp(builder.build());
  let result = lp.solve();
  for (let round = 0; round < 30; round++) {
    const pattern = bestPattern(widths, roll, result.rowDuals!);
    if (pattern.worth <= 1 + 1e-9) break;
    const entries = [[0, 1, 2, 3], pattern.counts] as const;
    lp.addColumns([{ lower: 0, upper: Infinity, cost: 1, entries }]);
    result = lp.solve();
  }
  lp.dispose();
  // Gilmore and Gomory's instance as given by Chvátal, Linear Programming (1983), ch. 13: 452.25.
  expect(result.objective).toBeCloseTo(452.25, 6);
});

/** The most valuable cutting pattern, by trying all. */
function bestPattern(widths: number[], roll: number, duals: Float64Array) {
  let best = { worth: 0, counts: [0, 0, 0, 0] };
  const extend = (i: number, left: number, worth: number, counts: number[]): void => {
    if (i === widths.length) {
      if (worth > best.worth) best = { worth, counts };
      return;
    }
    for (let n = 0; n * widths[i]! <= left; n++)
      extend(i + 1, left - n * widths[i]!, worth + n * duals[i]!, [...counts, n]);
  };
  extend(0, roll, 0, []);
  return best;
}

test("an open LP keeps its time limit per solve, and stops when told to", async () => {
  const highs = await loadSolver("highs");
  const model: LinearModel = knapsack(20, 4);
  const lp = highs.openLp(model);
  for (let k = 0; k < 3; k++) {
    lp.changeColumnBounds(k, 0, 0);
    expect(lp.solve({ timeLimitSeconds: 60 }).status).toBe("optimal");
  }
  lp.changeCosts([5, 6], [90, 90]);
  expect(lp.solve({ shouldStop: () => true }).termination).toBe("interrupted");
  expect(lp.solve().status).toBe("optimal");
  lp.dispose();
});

test("highs: where a basis leads nowhere, the LP is solved without it", async () => {
  const highs = await (module.default as unknown as () => Promise<Highs>)();
  let failing = 0;
  const failed: number[] = [];
  const lp = openHighsLp(
    {
      ...highs,
      createModel: (...given: Parameters<typeof highs.createModel>) => {
        const instance = highs.createModel(...given);
        const run = instance.run.bind(instance);
        instance.run = (callbacks: Parameters<typeof run>[0]) => {
          const outcome = run(callbacks);
          if (failing-- <= 0) return outcome;
          failed.push(failing);
          return { ...outcome, modelStatus: highs.constants.modelStatus.unknown };
        };
        return instance;
      },
    },
    knapsack(12, 3),
  );
  const { objective } = lp.solve();
  lp.changeCosts([0, 1], [5, 7]);
  lp.changeCosts([0, 1], [knapsack(12, 3).cost[0]!, knapsack(12, 3).cost[1]!]);
  failing = 1;
  const again = lp.solve();
  expect(failed).toEqual([0]);
  expect(again.status).toBe("optimal");
  expect(again.objective).toBeCloseTo(objective!, 6);
  failing = 2;
  expect(lp.solve().status).not.toBe("optimal");
  lp.dispose();
});

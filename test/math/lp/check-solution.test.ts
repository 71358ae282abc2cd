import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checkSolution } from "../../../src/math/lp/check-solution.js";
import { lagrangianBound } from "../../../src/math/lp/dual-bound.js";
import { checkDualBound } from "../check-dual-bound.js";
import { createModelBuilder } from "../../../src/math/lp/model-builder.js";
import { evaluateObjective } from "../../../src/math/lp/check-solution.js";

function small() {
  const builder = createModelBuilder("maximize", 1);
  builder.addColumn({ lower: 0, upper: 4, cost: 3, integer: true });
  builder.addColumn({ lower: 0, upper: Infinity, cost: 2 });
  builder.addRow({
    lower: -Infinity,
    upper: 4,
    entries: [
      [0, 1],
      [1, 1],
    ],
  });
  builder.addRow({
    lower: 1,
    upper: 6,
    entries: [
      [0, 1],
      [1, 3],
    ],
  });
  return builder.build();
}

test("each kind of violation is found, with its amount", () => {
  const kinds = (x: number[]) =>
    checkSolution(small(), Float64Array.from(x)).violations.map((v) => [v.kind, v.index, v.amount]);
  expect(kinds([4, 0])).toEqual([]);
  expect(kinds([5, -1])).toEqual([
    ["column-bound", 0, 1],
    ["column-bound", 1, 1],
  ]);
  expect(kinds([0.5, 1])).toEqual([["integrality", 0, 0.5]]);
  expect(kinds([0, 0])).toEqual([["row-bound", 1, 1]]);
  expect(kinds([4, 1])).toEqual([
    ["row-bound", 0, 1],
    ["row-bound", 1, 1],
  ]);
  expect(kinds([Number.NaN, 1])[0]).toEqual(["not-finite", 0, Infinity]);
  expect(kinds([1])).toEqual([["length", 1, 1]]);
  expect(checkSolution(small(), Float64Array.of(4, 0)).objective).toBe(13);
});

test("weak duality: any multipliers bound any feasible point", () => {
  const number = fc.double({ min: -50, max: 50, noNaN: true });
  const instance = fc.record({
    maximize: fc.boolean(),
    columns: fc.array(fc.record({ x: number, below: fc.nat(5), above: fc.nat(5), cost: number }), {
      minLength: 1,
      maxLength: 5,
    }),
    rows: fc.array(
      fc.record({
        coefficients: fc.array(number, { minLength: 5, maxLength: 5 }),
        dual: number,
        kind: fc.constantFrom("<=", ">=", "="),
      }),
      { maxLength: 4 },
    ),
  });
  fc.assert(
    fc.property(instance, ({ maximize, columns, rows }) => {
      const builder = createModelBuilder(maximize ? "maximize" : "minimize", 2);
      for (const { x, below, above, cost } of columns)
        builder.addColumn({ lower: x - below, upper: x + above, cost });
      for (const { coefficients, kind } of rows) {
        const activity = columns.reduce((sum, { x }, j) => sum + x * coefficients[j]!, 0);
        builder.addRow({
          lower: kind === "<=" ? -Infinity : activity,
          upper: kind === ">=" ? Infinity : activity,
          entries: [columns.map((_, j) => j), coefficients.slice(0, columns.length)],
        });
      }
      const model = builder.build();
      const x = Float64Array.from(columns, (column) => column.x);
      const bound = lagrangianBound(
        model,
        Float64Array.from(rows, (row) => row.dual),
      );
      const objective = evaluateObjective(model, x);
      expect(maximize ? objective <= bound : objective >= bound).toBe(true);
    }),
    { seed: 11, numRuns: 500 },
  );
});

test("a bound is tight at the optimal duals, infinite without bounds, and implied bounds repair it", () => {
  const model = small();
  const optimal = Float64Array.of(3, 0);
  expect(lagrangianBound(model, optimal)).toBeGreaterThanOrEqual(13);
  expect(lagrangianBound(model, optimal)).toBeCloseTo(13, 9);
  expect(checkDualBound(model, optimal, 13).proven).toBe(true);
  expect(checkDualBound(model, optimal, 12.9).proven).toBe(false);
  const none = Float64Array.of(0, 0);
  expect(lagrangianBound(model, none)).toBe(Infinity);
  const implied = { columnUpper: Float64Array.of(4, 2) };
  expect(lagrangianBound(model, none, implied)).toBeCloseTo(17, 9);
  // The wrong sign for a row that is bounded on one side only is not used.
  expect(lagrangianBound(model, Float64Array.of(-3, 0), implied)).toBeCloseTo(17, 9);
});

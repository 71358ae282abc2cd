import * as fc from "fast-check";
import type { LinearModel } from "../../../src/math/lp/linear-model.js";
import { createModelBuilder } from "../../../src/math/lp/model-builder.js";

/** Small models with whole coefficients: feasible, infeasible and, for LPs, unbounded ones too. */
export function randomModel(kind: "lp" | "mip" | "integer"): fc.Arbitrary<LinearModel> {
  const coefficient = fc.integer({ min: -6, max: 6 });
  const column = fc.record({
    lower: fc.integer({ min: -3, max: 1 }),
    width: fc.integer({ min: 0, max: 3 }),
    open: fc.constantFrom("no", "no", "no", "up", "both"),
    cost: coefficient,
    integer: fc.boolean(),
  });
  const row = fc.record({
    coefficients: fc.array(coefficient, { minLength: 6, maxLength: 6 }),
    side: fc.integer({ min: -8, max: 10 }),
    width: fc.nat(6),
    kind: fc.constantFrom("<=", "<=", ">=", "=", "range"),
  });
  return fc
    .record({
      maximize: fc.boolean(),
      offset: fc.integer({ min: -3, max: 3 }),
      columns: fc.array(column, { minLength: 1, maxLength: kind === "lp" ? 6 : 5 }),
      rows: fc.array(row, { minLength: 0, maxLength: 5 }),
    })
    .map(({ maximize, offset, columns, rows }) => {
      const builder = createModelBuilder(maximize ? "maximize" : "minimize", offset);
      columns.forEach(({ lower, width, open, cost, integer }, j) => {
        const bounded = kind !== "lp" || open === "no";
        builder.addColumn({
          lower: bounded || open === "up" ? lower : -Infinity,
          upper: bounded ? lower + width : Infinity,
          cost,
          integer: kind === "integer" || (kind === "mip" && (j === 0 || integer)),
        });
      });
      for (const { coefficients, side, width, kind: shape } of rows) {
        builder.addRow({
          lower: shape === "<=" ? -Infinity : side,
          upper: shape === ">=" ? Infinity : shape === "range" ? side + width : side,
          entries: [columns.map((_, j) => j), coefficients.slice(0, columns.length)],
        });
      }
      return builder.build();
    });
}

/** A 0/1 knapsack with several rows, hard enough to branch. Deterministic. */
export function knapsack(columnCount: number, rowCount: number): LinearModel {
  let state = 12345;
  const draw = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 1 + Math.floor((state / 2 ** 32) * limit);
  };
  const builder = createModelBuilder("maximize");
  const columns = Array.from({ length: columnCount }, (_, j) => j);
  const sizes = columns.map(() => draw(60));
  for (const j of columns)
    builder.addColumn({ lower: 0, upper: 1, cost: sizes[j]! + draw(10), integer: true });
  for (let r = 0; r < rowCount; r++)
    builder.addRow({
      lower: -Infinity,
      upper: 12 * columnCount,
      entries: [columns, columns.map((j) => sizes[j]! + draw(12))],
    });
  return builder.build();
}

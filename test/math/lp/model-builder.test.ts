import { expect, test } from "vitest";
import { BugError } from "../../../src/core/errors.js";
import { createModelBuilder, extendModel } from "../../../src/math/lp/model-builder.js";

test("rows are compressed, duplicate entries summed, zeros dropped", () => {
  const builder = createModelBuilder("maximize", 3);
  for (let j = 0; j < 3; j++)
    expect(builder.addColumn({ lower: 0, upper: j, cost: -j, integer: j === 1 })).toBe(j);
  const entries = [
    [2, 0, 2, 1, 1],
    [1, 5, 2, 4, -4],
  ] as const;
  expect(builder.addRow({ lower: -Infinity, upper: 7, entries })).toBe(0);
  expect(builder.addRow({ lower: 1, upper: 1 })).toBe(1);
  const added = {
    lower: 0,
    upper: 9,
    cost: 2,
    entries: [
      [1, 0],
      [8, 6],
    ],
  } as const;
  expect(builder.addColumn(added)).toBe(3);
  const model = builder.build();
  expect([...model.rowStart]).toEqual([0, 3, 4]);
  expect([...model.columnIndex]).toEqual([0, 2, 3, 3]);
  expect([...model.value]).toEqual([5, 3, 6, 8]);
  expect([...model.integer]).toEqual([0, 1, 0, 0]);
  expect(model.objectiveOffset).toBe(3);
  expect(extendModel(model).build()).toEqual(model);
});

test("a built model is not touched by later calls, and lists grow past their first size", () => {
  const builder = createModelBuilder("minimize");
  for (let j = 0; j < 100; j++) builder.addColumn({ lower: j, upper: j + 1, cost: j });
  const before = builder.build();
  builder.setCost(99, -1);
  builder.setColumnBounds(0, -5, 5);
  expect(before.cost[99]).toBe(99);
  expect(before.columnLower[0]).toBe(0);
  expect(builder.build().cost[99]).toBe(-1);
  expect(builder.build().columnUpper[0]).toBe(5);
});

test("NaN, infinite costs, missing indices and unequal lengths are refused", () => {
  const builder = createModelBuilder("minimize");
  builder.addColumn({ lower: 0, upper: 1, cost: 1 });
  const bad = [
    () => builder.addColumn({ lower: Number.NaN, upper: 1, cost: 1 }),
    () => builder.addColumn({ lower: 0, upper: 1, cost: Infinity }),
    () => builder.addColumn({ lower: 0, upper: 1, cost: 1, entries: [[0], [1]] }),
    () => builder.addRow({ lower: 0, upper: 1, entries: [[1], [1]] }),
    () => builder.addRow({ lower: 0, upper: 1, entries: [[0], [Number.NaN]] }),
    () => builder.addRow({ lower: 0, upper: 1, entries: [[0], []] }),
    () => builder.setRowBounds(0, 0, 1),
    () => builder.setCost(0, Number.NaN),
    () => createModelBuilder("minimize", Number.NaN),
  ];
  for (const act of bad) expect(act).toThrow(BugError);
  expect(builder.columnCount()).toBe(1);
  expect(builder.rowCount()).toBe(0);
});

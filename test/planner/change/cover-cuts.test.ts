import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { LinearModel } from "../../../src/math/lp/linear-model.js";
import { createModelBuilder } from "../../../src/math/lp/model-builder.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { tightenCover } from "../../../src/planner/change/cover-cuts.js";

const highs = await loadSolver("highs");

interface Kind {
  readonly share: number;
  readonly from: number;
  readonly to: number;
  readonly cost: number;
}

/** Nodes of kinds, up to `most` of each, that must cover every layer. */
function coverOf(layers: number, most: number, kinds: readonly Kind[]): LinearModel {
  const builder = createModelBuilder("minimize");
  for (let layer = 0; layer < layers; layer++) builder.addRow({ lower: 1, upper: Infinity });
  for (const { share, from, to, cost } of kinds) {
    const rows = Array.from({ length: to - from }, (_, at) => from + at);
    const entries = [rows, rows.map(() => share)] as const;
    builder.addColumn({ lower: 0, upper: most, cost, integer: true, entries });
  }
  return builder.build();
}

function tighten(
  model: LinearModel,
  layers: number,
  toTheEnd = false,
): ReturnType<typeof tightenCover> {
  const relaxed = highs.solve(model, { relax: true });
  return tightenCover(model, relaxed, layers, highs, { toTheEnd });
}

test("two nodes of 0.6 are two, not 1.67", () => {
  const model = coverOf(1, 3, [{ share: 0.6, from: 0, to: 1, cost: 1 }]);
  expect(highs.solve(model, { relax: true }).bound).toBeCloseTo(5 / 3, 6);
  expect(tighten(model, 1).relaxed.bound).toBeCloseTo(2, 4);
});

test("a row that the relaxation meets exactly hides no stronger one from rows sought to the end", () => {
  const small = { share: 0.6, from: 0, to: 1, cost: 0 };
  const model = coverOf(1, 1, [small, { ...small, share: 1, cost: 10 }]);
  expect(highs.solve(model, { relax: true }).bound).toBeCloseTo(4, 4);
  // Two small ones or a large one: one small one is half of that.
  expect(tighten(model, 1, true).relaxed.bound).toBeCloseTo(5, 4);
});

test.each([
  ["rows as they are", false],
  ["rows sought to the end", true],
])("%s: no whole cover is lost, and no bound is above the best of them", (_, toTheEnd) => {
  const kind = fc.record({
    share: fc.double({ min: 0.05, max: 1, noNaN: true }),
    from: fc.integer({ min: 0, max: 2 }),
    length: fc.integer({ min: 1, max: 3 }),
    cost: fc.integer({ min: 0, max: 9 }),
  });
  let tightened = 0;
  fc.assert(
    fc.property(fc.array(kind, { minLength: 1, maxLength: 4 }), (drawn) => {
      const kinds = drawn.map(({ length, ...one }) => ({
        ...one,
        to: Math.min(3, one.from + length),
      }));
      const model = coverOf(3, 4, kinds);
      const { model: tighter, relaxed } = tighten(model, 3, toTheEnd);
      if (tighter.rowCount > model.rowCount) tightened += 1;
      let least = Infinity;
      for (let code = 0; code < 5 ** kinds.length; code++) {
        const whole = kinds.map((_, at) => Math.floor(code / 5 ** at) % 5);
        if (!satisfies(model, whole)) continue;
        expect(satisfies(tighter, whole)).toBe(true);
        least = Math.min(
          least,
          whole.reduce((sum, times, at) => sum + times * kinds[at]!.cost, 0),
        );
      }
      if (least < Infinity) expect(relaxed.bound).toBeLessThanOrEqual(least + 1e-5);
    }),
    {
      numRuns: Number(process.env["COVER_CUT_RUNS"] ?? 100),
      seed: Number(process.env["COVER_CUT_SEED"] ?? 1),
    },
  );
  expect(tightened).toBeGreaterThan(10);
});

function satisfies(model: LinearModel, columns: readonly number[]): boolean {
  for (let row = 0; row < model.rowCount; row++) {
    let sum = 0;
    for (let at = model.rowStart[row]!; at < model.rowStart[row + 1]!; at++)
      sum += model.value[at]! * columns[model.columnIndex[at]!]!;
    if (sum < model.rowLower[row]! - 1e-7) return false;
  }
  return true;
}

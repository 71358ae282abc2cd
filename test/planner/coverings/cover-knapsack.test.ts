import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  findCheapestCover,
  roundedCoverBound,
  type CoverItem,
} from "../../../src/planner/coverings/cover-knapsack.js";

const item = fc.record({
  rate: fc.double({ min: 0.5, max: 9, noNaN: true }),
  cost: fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 5, noNaN: true })),
  group: fc.integer({ min: 0, max: 1 }),
});

/** Tries every multiset. */
function cheapest(
  items: readonly CoverItem[],
  required: number,
  left: number[],
  room: number,
): number {
  if (required <= 0) return 0;
  if (room === 0) return Infinity;
  let best = Infinity;
  items.forEach(({ rate, cost, group }, at) => {
    if (left[group] === 0) return;
    left[group]!--;
    best = Math.min(best, cost + cheapest(items.slice(at), required - rate, left, room - 1));
    left[group]!++;
  });
  return best;
}

test("the cheapest cover is the cheapest of all multisets within the limits", () => {
  const limits = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(
      fc.array(item, { minLength: 1, maxLength: 4 }),
      fc.double({ min: 0.1, max: 20, noNaN: true }),
      limits,
      fc.integer({ min: 1, max: 5 }),
      (items, required, groupLimits, maxItems) => {
        const expected = cheapest(items, required, [...groupLimits], maxItems);
        const found = findCheapestCover(items, required, { groupLimits, maxItems });
        expect(found.lowerBound).toBeLessThanOrEqual(expected);
        if (expected === Infinity) expect(found.cover).toBeUndefined();
        else expect(found.cost).toBeCloseTo(expected, 5);
        expect(roundedCoverBound(items, required, 200)).toBeLessThanOrEqual(expected);
      },
    ),
    { seed: 41, numRuns: 300 },
  );
});

test("where the search is cut short, the bound stays below the cover found, and close", () => {
  const items = Array.from({ length: 30 }, (_, i) => ({
    rate: 1 + ((i * 37) % 31) / 30,
    cost: 1 + ((i * 37) % 31) / 30 + ((i * 17) % 13) / 1e4,
    group: 0,
  }));
  const found = findCheapestCover(items, 997.3, { groupLimits: [Infinity], maxItems: Infinity });
  expect(found.lowerBound).toBeLessThanOrEqual(found.cost);
  expect(found.lowerBound).toBeGreaterThan(found.cost * 0.99);
});

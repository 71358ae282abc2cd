import { expect, test } from "vitest";
import { buildCoverGraph } from "../../../src/planner/coverings/cover-graph.js";
import { findCheapestCover } from "../../../src/planner/coverings/cover-knapsack.js";
import { listWholeStages } from "../../../src/planner/coverings/list-whole-stages.js";
import { largest, smallest } from "../../../src/core/extremes.js";

/** How deep a search goes is up to the rates of a file: none may end at the depth of the stack. */
test("hundreds of thousands of nodes side by side do not end the listing of covers", () => {
  const items = [
    { machineClass: 0, layers: 1, rate: 0.28, price: 0 },
    { machineClass: 1, layers: 2, rate: 1e-3, price: 0 },
  ];
  const graph = buildCoverGraph(items, 115_451, 1, 1_000_000, () => false);
  expect(graph.complete).toBe(false);
});

test("a cover of tens of thousands of units is found or bounded", () => {
  const items = [
    { rate: 1, cost: 1, group: 0 },
    { rate: 999, cost: 2000, group: 1 },
  ];
  const limits = { groupLimits: [1e6, 1e6], maxItems: 1e6 };
  const found = findCheapestCover(items, 50_000, limits);
  expect(found.lowerBound).toBeLessThanOrEqual(50_000);
  expect(found.lowerBound).toBeGreaterThan(49_000);
});

test("where no choice of stages is enough, listing ends without trying every subset", () => {
  const classes = 40;
  const rates = {
    rate: Array.from({ length: classes }, (_, t) => Float64Array.of(100, 1 + t / 1000)),
    held: Array.from({ length: classes }, () => Int32Array.of(1, 2)),
    most: 2,
  };
  const supplies = Array.from({ length: classes }, () => 1);
  const stages = listWholeStages(rates, 100, supplies, Infinity, 1e6);
  expect(stages).toHaveLength(classes);
});

test("extremes of lists longer than the stack", () => {
  const values = Float64Array.from({ length: 1_000_000 }, (_, i) => i);
  expect(largest(values)).toBe(999_999);
  expect(smallest(values)).toBe(0);
  expect(largest([])).toBe(-Infinity);
  expect(smallest([], 5)).toBe(5);
});

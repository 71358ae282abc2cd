import { expect, test } from "vitest";
import { isBetter } from "../../src/market/plan-purchase.js";
import type { Purchase } from "../../src/market/purchase.js";

const bought = (throughput: number, served?: number) =>
  ({
    pricePerHour: 1,
    mix: [{ machine: "m", count: 1, pricePerHour: 1 }],
    result: {
      throughput,
      ...(served === undefined
        ? {}
        : {
            served: {
              decodeTokensPerSecond: served,
              promptTokensPerSecond: 0,
              at: "saturation",
            },
          }),
    },
  }) as unknown as Purchase;

test("purchases are compared by what is served, and by flow where only one of them was simulated", () => {
  const budget = { kind: "budget", dollarsPerHour: 3 } as const;
  expect(isBetter(budget, bought(100, 80), bought(120, 70))).toBe(true);
  // Its flow is more than the other serves, and less than the other's flow.
  expect(isBetter(budget, bought(90), bought(100, 80))).toBe(false);
  expect(isBetter(budget, bought(100, 80), bought(90))).toBe(true);
  expect(isBetter(budget, bought(110), bought(100, 80))).toBe(true);
  expect(isBetter(budget, bought(100), bought(90))).toBe(true);
});

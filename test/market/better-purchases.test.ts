import { expect, test } from "vitest";
import { chooseBest } from "../../src/market/best-purchase.js";
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

test("of mixes that serve as much but for the noise of their figures a budget buys the cheapest", () => {
  const budget = { kind: "budget", dollarsPerHour: 30 } as const;
  const priced = (served: number, pricePerHour: number, noise = 0.5): Purchase => {
    const one = bought(200, served);
    const own = { ...one.result!.served!, uncertainty: noise };
    return { ...one, pricePerHour, result: { ...one.result!, served: own } };
  };
  const [dear, cheap] = [priced(100.4, 22), priced(100, 20)];
  expect(chooseBest(budget, [dear, cheap])).toBe(cheap);
  expect(chooseBest(budget, [cheap, dear])).toBe(cheap);
  // Known to serve less, or less for the money.
  expect(chooseBest(budget, [dear, priced(99.6, 20)])).toBe(dear);
  expect(chooseBest(budget, [dear, priced(96, 21.5, 5)])).toBe(dear);
  expect(chooseBest(budget, [dear, priced(100, 22)])).toBe(dear);
  // Each within the noise of the one before, the last not of the first.
  const steps = [priced(100, 20), priced(99.5, 19), priced(99, 18)] as const;
  expect(chooseBest(budget, [steps[0], steps[1], steps[2]])).toBe(steps[1]);
  const target = { kind: "target", tokensPerSecond: 90 } as const;
  expect(chooseBest(target, [dear, priced(99, 20)]).pricePerHour).toBe(20);
});

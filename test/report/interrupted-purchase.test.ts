import { expect, test } from "vitest";
import type { Purchase } from "../../src/market/purchase.js";
import { NOTHING as BEFORE } from "../market/two-boxes.js";
import { summarisePurchase } from "../../src/report/what-if-purchase.js";

const NOTHING: Purchase = {
  ...BEFORE,
  goal: { kind: "budget", dollarsPerHour: 10 },
  bound: 500,
  mixesPlanned: 0,
};
const TARGET = { kind: "target", tokensPerSecond: 900 } as const;

test("an interrupt is said to be the reason why nothing was found, and no time is asked for", () => {
  const limited = { ...TARGET, limits: { maxTimePerOutputToken: 0.1 } };
  const nearest = { mix: [], pricePerHour: 0, tokensPerSecond: 0 };
  for (const purchase of [
    NOTHING,
    { ...NOTHING, goal: TARGET },
    { ...NOTHING, goal: limited, nearest },
  ]) {
    expect(summarisePurchase(purchase)).not.toContain("interrupt");
    const text = summarisePurchase({ ...purchase, interrupted: true });
    expect(text).toContain("before the interrupt");
    expect(text).not.toMatch(/in time|time-limit|even at a light load/);
  }
});

test("what was found before an interrupt is not said to be better than what was not tried", () => {
  const served = {
    decodeTokensPerSecond: 100,
    promptTokensPerSecond: 300,
    timeToFirstToken: 1,
    timePerOutputToken: 0.1,
    concurrency: 9,
    at: "saturation",
    by: "simulation",
    uncertainty: 1,
  } as const;
  const result = {
    name: "bought",
    outcome: "planned",
    nodes: 2,
    throughput: 500,
    bottleneck: [],
    served,
  } as const;
  const machines = { machine: "l4", count: 1, pricePerHour: 1 };
  const purchase = { ...NOTHING, mix: [machines, { ...machines, machine: "a100" }], result };
  expect(summarisePurchase(purchase)).toContain("as time was up");
  const text = summarisePurchase({ ...purchase, interrupted: true });
  expect(text).toContain("interrupted: this is the best so far");
  expect(text).not.toContain("time was up");
});

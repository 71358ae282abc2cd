import { expect, test } from "vitest";
import { buyNearMisses } from "../../src/market/buy-near-misses.js";
import { buyCounts } from "../../src/market/buy-one-type.js";
import type { Goal, Purchase } from "../../src/market/purchase.js";
import { createInlinePorts } from "../support/inline-ports.js";
import { market, NOTHING } from "./two-boxes.js";

const planning = {
  iterationLimit: 1,
  gap: 1e-3,
  seed: 1,
  partialInference: false,
  solver: "highs",
  objective: "flow",
} as const;
const ports = createInlinePorts();

const buy = async (count: number, goal: Goal): Promise<Purchase> => {
  const known = { ...NOTHING, goal };
  const options = { goal, planning, threads: 0 };
  return buyCounts(market, options, { counts: [count], seconds: 9, known }, ports);
};

/** The same with a plan that carries a share of it. */
function inBrief(purchase: Purchase, share: number): Purchase {
  const result = purchase.result!;
  return { ...purchase, result: { ...result, throughput: share * result.throughput } };
}

test("one machine less that nearly served the target in brief is planned at length before a dearer mix is bought", async () => {
  const free: Goal = { kind: "target", tokensPerSecond: 1 };
  const one = await buy(1, free);
  const two = await buy(2, free);
  const carried = one.result!.throughput;
  const today = { decodeTokensPerSecond: 1, promptTokensPerSecond: 3 };
  const choose = (tokensPerSecond: number, share: number, goal: Goal["kind"] = "target") => {
    const asked: Goal =
      goal === "target" ? { kind: goal, tokensPerSecond } : { kind: goal, dollarsPerHour: 2 };
    const options = { goal: asked, planning, threads: 0, deadline: ports.now() + 20 };
    // Those that serve it already take no try.
    const found = [two, two, inBrief(one, share)];
    return buyNearMisses(market, options, { ...two, today }, found, ports);
  };
  const chosen = await choose(0.95 * carried, 0.9);
  expect(chosen.mix).toEqual(one.mix);
  expect(chosen.result!.throughput).toBeGreaterThanOrEqual(0.95 * carried);
  expect(chosen.today).toBe(today);
  // It does not serve it, its plan in brief was far from it, and a budget is spent, not saved.
  expect((await choose(1.05 * carried, 0.9)).mix).toEqual(two.mix);
  expect((await choose(0.95 * carried, 0.5)).mix).toEqual(two.mix);
  expect((await choose(0.95 * carried, 0.9, "budget")).mix).toEqual(two.mix);
  const stopped = { goal: { ...free, tokensPerSecond: 0.95 * carried }, planning, threads: 0 };
  const options = { ...stopped, deadline: ports.now() + 20, signal: AbortSignal.abort() };
  expect(await buyNearMisses(market, options, two, [inBrief(one, 0.9)], ports)).toBe(two);
});

test("where nothing serves the target, as many times the best as should are planned", async () => {
  const goal: Goal = { kind: "target", tokensPerSecond: 1 };
  const one = await buy(1, goal);
  const carried = one.result!.throughput;
  const choose = (times: number) => {
    const asked: Goal = { ...goal, tokensPerSecond: times * carried };
    const options = { goal: asked, planning, threads: 0, deadline: ports.now() + 20 };
    return buyNearMisses(market, options, one, [], ports);
  };
  const two = await choose(1.9);
  expect(two.mix).toEqual([{ ...one.mix![0]!, count: 2 }]);
  expect(two.result!.throughput).toBeGreaterThan(1.5 * carried);
  // No more than there are.
  expect((await choose(5)).mix![0]!.count).toBe(2);
});

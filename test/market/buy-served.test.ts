import { expect, test } from "vitest";
import { buyMachines } from "../../src/market/buy-machines.js";
import type { Market } from "../../src/market/market.js";
import { reachOf } from "../../src/market/plan-purchase.js";
import { explainPurchase } from "../../src/report/what-if-purchase.js";
import { createInlinePorts } from "../support/inline-ports.js";

/** Small cards that must be chained to hold the model, and large ones that hold it alone. */
const market: Market = {
  base: {
    format: "helix-place/cluster@1",
    name: "bought",
    model: "llama-2-13b",
    workload: { promptTokens: 300, outputTokens: 100 },
    machines: { small: { gpu: "T4" }, large: { gpu: "A100-80GB" } },
    nodes: [],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
    coordinator: { region: "r" },
  },
  offers: [
    { machine: "small", region: "r", available: 12, pricePerHour: 0.2 },
    { machine: "large", region: "r", available: 4, pricePerHour: 3 },
  ],
};
const planning = {
  iterationLimit: 1,
  gap: 0.05,
  seed: 1,
  partialInference: true,
  solver: "highs",
} as const;

test("a target is what is served, not what the network could carry", async () => {
  const goal = { kind: "target", tokensPerSecond: 2000 } as const;
  const bought = await buyMachines(market, { goal, planning, threads: 0 }, createInlinePorts());
  expect(bought.result?.served).toBeDefined();
  expect(reachOf(bought.result)).toBeGreaterThanOrEqual(goal.tokensPerSecond);
  expect(bought.bound).toBeLessThanOrEqual(bought.pricePerHour);
});

test("a budget buys no less than machines of one type alone would serve", async () => {
  const goal = { kind: "budget", dollarsPerHour: 6 } as const;
  const both = await buyMachines(market, { goal, planning, threads: 0 }, createInlinePorts());
  for (const offer of market.offers) {
    const one = { ...market, offers: [offer] };
    const alone = await buyMachines(one, { goal, planning, threads: 0 }, createInlinePorts());
    expect(reachOf(both.result)).toBeGreaterThanOrEqual(reachOf(alone.result) * (1 - 1e-4));
  }
  // What it stands beside is something else, and no better.
  for (const { name, mix, tokensPerSecond } of both.beside ?? []) {
    expect(name).toBe(both.oneType === true ? "the mix of most flow" : "one machine type");
    expect(mix).not.toEqual(both.mix);
    expect(tokensPerSecond).toBeLessThanOrEqual(reachOf(both.result) * (1 + 1e-4));
  }
});

test("beside a fleet nothing is bought that serves no more, and no machine without work", async () => {
  const goal = { kind: "budget", dollarsPerHour: 3.3 } as const;
  // With smaller steps the small card is of use: four layers on it leave room for KV on the large one.
  const own = { ...planning, chooseBatchTokens: false };
  const base = { ...market.base, nodes: [{ id: "there", machine: "large", region: "r" }] };
  const [small, large] = market.offers;
  const useless = { base, offers: [{ ...small!, available: 1 }] };
  const none = await buyMachines(useless, { goal, planning: own, threads: 0 }, createInlinePorts());
  expect(none).toMatchObject({ mix: [], pricePerHour: 0 });
  expect(none.result?.served?.decodeTokensPerSecond).toBe(none.today?.decodeTokensPerSecond);
  expect(explainPurchase(none).join()).not.toMatch(/chosen by flow/);

  const offers = [{ ...small!, available: 1 }, large!];
  const one = await buyMachines(
    { base, offers },
    { goal, planning: own, threads: 0 },
    createInlinePorts(),
  );
  expect(one.mix?.map(({ machine, count }) => [machine, count])).toEqual([["large", 1]]);
  expect(one.placement?.nodes.every(({ layers }) => layers !== null)).toBe(true);
  const more = one.result!.served!.decodeTokensPerSecond / one.today!.decodeTokensPerSecond;
  expect(more).toBeGreaterThan(1.9);
  expect(explainPurchase(one).join("\n")).toMatch(
    /today's machines alone serve .*: this is .* more/,
  );
});

test("a target is served by several types where that costs less than one of them", async () => {
  // One large machine is short of the target by a fifth, two cost twice as much; a middling one fills up.
  const middling = { machine: "middling", region: "r", available: 3, pricePerHour: 1 };
  const [, large] = market.offers;
  const base = { ...market.base, machines: { ...market.base.machines, middling: { gpu: "A10G" } } };
  const reach = async (mix: readonly number[]): Promise<number> => {
    const offers = [large!, middling].map((offer, at) => ({ ...offer, available: mix[at]! }));
    const goal = { kind: "budget", dollarsPerHour: 99 } as const;
    const all = await buyMachines(
      { base, offers },
      { goal, planning, threads: 0 },
      createInlinePorts(),
    );
    return reachOf(all.result);
  };
  const [one, few] = [await reach([1, 0]), await reach([0, 3])];
  const goal = { kind: "target", tokensPerSecond: one + few / 2 } as const;
  const bought = await buyMachines(
    { base, offers: [{ ...large!, available: 2 }, middling] },
    { goal, planning, threads: 0 },
    createInlinePorts(),
  );
  expect(few).toBeGreaterThan(0);
  expect(reachOf(bought.result)).toBeGreaterThanOrEqual(goal.tokensPerSecond * (1 - 1e-6));
  expect(bought.pricePerHour).toBeLessThan(2 * large!.pricePerHour + 1e-9);
  expect(bought.mix?.map(({ machine }) => machine).toSorted()).toEqual(["large", "middling"]);
});

test("of equal machines in two regions a budget buys the cheaper one", async () => {
  const goal = { kind: "budget", dollarsPerHour: 3.5 } as const;
  const large = { machine: "large", available: 1 };
  const twoRegions: Market = {
    base: {
      ...market.base,
      network: { ...market.base.network, acrossRegions: { bandwidth: "10 Gb/s", latency: "1 ms" } },
    },
    offers: [
      { ...large, region: "r", pricePerHour: 3 },
      { ...large, region: "s", pricePerHour: 3.4 },
    ],
  };
  const own = { ...planning, chooseBatchTokens: false };
  const options = { goal, planning: own, threads: 0 };
  const bought = await buyMachines(twoRegions, options, createInlinePorts());
  expect(bought.mix).toEqual([{ machine: "large", region: "r", count: 1, pricePerHour: 3 }]);
});

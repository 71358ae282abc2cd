import { expect, test } from "vitest";
import { buyOneType } from "../../src/market/buy-one-type.js";
import { buyTogether } from "../../src/market/buy-together.js";
import type { Market } from "../../src/market/market.js";
import type { Purchase } from "../../src/market/purchase.js";
import { createInlinePorts } from "../support/inline-ports.js";

const market: Market = {
  base: {
    format: "helix-place/cluster@1",
    name: "bought",
    engine: "vllm",
    model: "llama-3-8b",
    workload: { promptTokens: 300, outputTokens: 20 },
    machines: { small: { gpu: "L4" }, large: { gpu: "L40S" } },
    nodes: [],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
    coordinator: { region: "r" },
  },
  // Of the small ones more is carried for the money, and less for all of it.
  offers: [
    { machine: "small", region: "r", available: 1, pricePerHour: 0.1 },
    { machine: "large", region: "r", available: 2, pricePerHour: 3 },
  ],
};

const known = { bound: Infinity, rounds: 1, mixesPlanned: 0 } as unknown as Purchase;
const options = {
  goal: { kind: "budget", dollarsPerHour: 6 },
  planning: { iterationLimit: 1, gap: 0.05, seed: 1, partialInference: true, solver: "highs" },
  threads: 0,
  deadline: -Infinity,
} as const;
const ports = createInlinePorts();

test("when the time is up, the type that carries most for a budget is looked at all the same, and no other", async () => {
  const found: Purchase[] = [];
  for await (const one of buyOneType(market, options, known, ports)) found.push(one);
  expect(found.map(({ mix }) => mix?.map(({ machine, count }) => [machine, count]))).toEqual([
    [["large", 2]],
  ]);
});

test("after an interrupt nothing is looked at, not even what machines carry at most", async () => {
  const unread: Market = {
    ...market,
    get offers(): never {
      throw new Error("offers were looked at");
    },
  };
  const stopped = { ...options, signal: AbortSignal.abort() };
  for await (const one of buyOneType(unread, stopped, known, ports)) expect(one).toBeUndefined();
  const together = { alone: [known], today: 0, below: Infinity };
  for await (const one of buyTogether(unread, stopped, together, ports))
    expect(one).toBeUndefined();
});

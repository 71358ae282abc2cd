import { describe, expect, test } from "vitest";
import { buyMachines } from "../../src/market/buy-machines.js";
import { createRandom } from "../../src/core/random.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { UNCONSTRAINED } from "../../src/planner/problem/problem.js";
import { buyMix, priceOf } from "../../src/market/market.js";
import type { Goal } from "../../src/market/purchase.js";
import { bruteForceOptimum } from "../support/brute-force.js";
import { createInlinePorts } from "../support/inline-ports.js";
import { allMixes, randomMarket } from "./random-market.js";

const SEEDS = Array.from({ length: 36 }, (_, index) => index + 1);

describe("what to buy, against all mixes and all placements", () => {
  test.each(SEEDS)("market %i", async (seed) => {
    const market = randomMarket(seed);
    const table = allMixes(market.offers).map((counts) => ({
      counts,
      price: priceOf(market.offers, counts),
      throughput: optimum(buyMix(market, counts)),
    }));
    const most = Math.max(...table.map(({ throughput }) => throughput));
    const everything = Math.max(...table.map(({ price }) => price));
    const random = createRandom(seed);
    const buy = (goal: Goal) =>
      buyMachines(
        market,
        {
          goal,
          planning: {
            timeLimitSeconds: 60,
            gap: 0,
            seed: 1,
            partialInference: true,
            solver: "highs",
          },
          threads: 0,
        },
        createInlinePorts(),
      );

    const dollarsPerHour = everything * (0.3 + 0.6 * random.next());
    const affordable = table.filter(({ price }) => price <= dollarsPerHour);
    const best = Math.max(...affordable.map(({ throughput }) => throughput));
    const bought = await buy({ kind: "budget", dollarsPerHour });
    expect(bought.result?.throughput ?? 0).toBeCloseTo(best, 4);
    expect(bought.pricePerHour).toBeLessThanOrEqual(dollarsPerHour);
    expect(bought.bound).toBeGreaterThanOrEqual(best * (1 - 1e-9));
    expect(bought.bound).toBeLessThanOrEqual(best * (1 + 1e-5) + 1e-5);

    const tokensPerSecond = most * (0.2 + 0.75 * random.next()) + 1e-3;
    const serving = table.filter(({ throughput }) => throughput >= tokensPerSecond);
    const least = Math.min(...serving.map(({ price }) => price));
    const served = await buy({ kind: "target", tokensPerSecond });
    if (serving.length === 0) {
      expect(served.mix).toBeUndefined();
      expect(served.bound).toBe(Infinity);
    } else {
      expect(served.pricePerHour).toBeCloseTo(least, 6);
      expect(served.result?.throughput ?? 0).toBeGreaterThanOrEqual(tokensPerSecond * (1 - 1e-6));
      expect(served.bound).toBeLessThanOrEqual(least * (1 + 1e-9));
      expect(served.bound).toBeGreaterThanOrEqual(least * (1 - 1e-4) - 1e-4);
    }
  });
});

test("where nothing on offer can be reached, the answer is nothing, soon", async () => {
  const market = randomMarket(1);
  const { machine } = market.offers[0]!;
  const { network, ...base } = market.base;
  const far = {
    base: {
      ...base,
      nodes: [],
      network: { ...network, acrossRegions: { bandwidth: 0 } },
      coordinator: { region: "nowhere near" },
    },
    offers: [{ machine, region: "here", available: 4, pricePerHour: 1 }],
  };
  const planning = { iterationLimit: 1, gap: 0, seed: 1, partialInference: true } as const;
  const bought = await buyMachines(
    far,
    {
      goal: { kind: "budget", dollarsPerHour: 3 },
      planning: { ...planning, solver: "highs" },
      threads: 0,
    },
    createInlinePorts(),
  );
  expect(bought.mix).toBeUndefined();
  // What is left of the bound is too little to tell from nothing.
  expect(bought.bound).toBeGreaterThanOrEqual(0);
  expect(bought.bound).toBeLessThan(1e-6);
});

function optimum(file: ReturnType<typeof buyMix>): number {
  if (file.nodes.length === 0) return 0;
  const cluster = resolveCluster("mix", file);
  return bruteForceOptimum({ cluster, partialInference: true, constraints: UNCONSTRAINED })
    .throughput;
}

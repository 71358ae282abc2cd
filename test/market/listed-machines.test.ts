import { describe, expect, it } from "vitest";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import type { PriceList } from "../../src/formats/price-list-schema.js";
import { openMarket } from "../../src/market/market.js";
import type { Purchase } from "../../src/market/purchase.js";
import { reachesGoal } from "../../src/market/reaches-goal.js";
import { listScenarioJobs } from "../../src/market/today.js";
import { titlePurchase } from "../../src/report/what-if-purchase.js";

const cluster = (engine: "vllm" | "llama.cpp"): ClusterFile => ({
  format: "helix-place/cluster@1",
  name: "cards",
  engine,
  model: "llama-3-8b",
  machines: { l4: { gpu: "L4" } },
  nodes: [{ id: "n", machine: "l4", count: 2 }],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.1 ms" } },
});
const prices: PriceList = {
  format: "helix-place/prices@1",
  name: "list",
  date: "2026-11-01",
  machines: {
    t4x4: { gpu: "T4", gpus: 4, tensorParallel: 4, availability: [{ count: 2 }], pricePerHour: 1 },
  },
};

describe("a price list", () => {
  it("says how cards work together to engines that can make several of them one node", () => {
    const listed = (engine: "vllm" | "llama.cpp") =>
      openMarket(cluster(engine), prices, false).base.machines["t4x4"]!;
    expect(listed("vllm").tensorParallel).toBe(4);
    expect(listed("llama.cpp")).not.toHaveProperty("tensorParallel");
    expect(listed("llama.cpp").gpus).toBe(4);
  });
});

describe("a scenario that leaves no machine", () => {
  it("is refused before anything is planned", () => {
    const changes = [{ kind: "remove", machine: "l4", count: 2 }] as const;
    const planning = { gap: 0.01, seed: 1, partialInference: true, solver: "highs" } as const;
    const today = { file: cluster("vllm") };
    const scenarios = [{ name: "none", changes }];
    expect(() => listScenarioJobs(today, scenarios, planning, undefined)).toThrow(
      "no machine left",
    );
  });
});

describe("a target that the nearest mix does not serve", () => {
  const served = {
    decodeTokensPerSecond: 300,
    promptTokensPerSecond: 1000,
    at: "saturation",
  } as const;
  const bought = (tokensPerSecond: number) =>
    ({
      goal: { kind: "target", tokensPerSecond },
      mix: [{ machine: "l4", count: 1, pricePerHour: 1 }],
      result: { served },
    }) as unknown as Purchase;

  it("is not reached, and the title says so", () => {
    expect(reachesGoal(bought(1300))).toBe(true);
    expect(reachesGoal(bought(3000))).toBe(false);
    expect(titlePurchase(bought(1300))).toBe("Cheapest mix for 1300.0 tokens/s");
    expect(titlePurchase(bought(3000))).toBe(
      "No mix that was tried serves 3000.0 tokens/s; the nearest",
    );
  });
});

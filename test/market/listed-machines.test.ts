import { describe, expect, it } from "vitest";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import type { PriceList } from "../../src/formats/price-list-schema.js";
import { buyMix, openMarket } from "../../src/market/market.js";
import type { Purchase } from "../../src/market/purchase.js";
import { reachesGoal } from "../../src/market/reaches-goal.js";
import { listExtras, listScenarioJobs } from "../../src/market/today.js";
import { describeLeftOut } from "../../src/report/left-out.js";
import { titlePurchase } from "../../src/report/what-if-purchase.js";

const cluster = (engine: "vllm" | "llama.cpp", model = "llama-3-8b"): ClusterFile => ({
  format: "helix-place/cluster@1",
  name: "cards",
  engine,
  model,
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

  it("keeps of its degrees those that the model can run, and is not refused for the others", () => {
    const asking = (tensorParallel: number | "whole" | number[]): PriceList => ({
      ...prices,
      machines: {
        a100x8: {
          gpu: "A100-80GB",
          gpus: 8,
          tensorParallel,
          availability: [{ count: 1 }],
          pricePerHour: 20,
        },
      },
    });
    const listed = (tensorParallel: number | "whole" | number[], model: string) =>
      openMarket(cluster("vllm", model), asking(tensorParallel), false).base.machines["a100x8"]!;
    // 28 heads.
    expect(listed(8, "qwen-2.5-7b")).not.toHaveProperty("tensorParallel");
    expect(listed("whole", "qwen-2.5-7b")).not.toHaveProperty("tensorParallel");
    expect(listed([4, 8], "qwen-2.5-7b").tensorParallel).toEqual([4]);
    expect(listed([4, 8], "llama-3-8b").tensorParallel).toEqual([4, 8]);
    // More than the machine has is a slip of the list.
    expect(listed(16, "qwen-2.5-7b").tensorParallel).toBe(16);
    const market = openMarket(cluster("vllm", "qwen-2.5-7b"), asking(8), false);
    const { assumptions = [], nodes } = resolveCluster("bought", buyMix(market, [1]));
    expect(nodes.length).toBeGreaterThan(1);
    expect(assumptions.map(({ effect }) => effect).join()).toContain("28 attention heads");
  });
});

describe("a machine of a price list with figures for all its cards as one node", () => {
  const whole = {
    gpu: "A100-80GB",
    gpus: 8,
    profile: { tokensPerSecond: [900, 450, 300] },
    availability: [{ count: 1 }],
    pricePerHour: 9,
  };
  const list: PriceList = { ...prices, machines: { whole, ...prices.machines } };

  it("is left out where the engine cannot run so many as one, and said to be", () => {
    const market = openMarket(cluster("vllm", "qwen-2.5-7b"), list, false);
    expect(market.offers.map(({ machine }) => machine)).toEqual(["t4x4"]);
    const [line] = describeLeftOut(market.leftOut);
    expect(line).toMatch(/^left out: whole of the price list.*28 attention heads/);
    const file = cluster("vllm", "qwen-2.5-7b");
    expect(listExtras({ file }, list).map(({ machine }) => machine)).toEqual(["l4", "t4x4"]);
    const alone = { ...list, machines: { whole } };
    expect(() => openMarket(file, alone, false)).toThrow("28 attention heads");
  });

  it("is on offer where it can", () => {
    const market = openMarket(cluster("vllm"), list, false);
    expect(market.offers.map(({ machine }) => machine)).toEqual(["whole", "t4x4"]);
    expect(market).not.toHaveProperty("leftOut");
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

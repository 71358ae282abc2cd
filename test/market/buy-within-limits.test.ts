import { expect, test } from "vitest";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { placementOf } from "../../src/formats/read-placement.js";
import { buyMachines } from "../../src/market/buy-machines.js";
import type { Market } from "../../src/market/market.js";
import { simulatePlacement } from "../../src/serving/simulate/simulate-placement.js";
import { createInlinePorts } from "../support/inline-ports.js";

/** Slow cards that carry much for their price, and quick ones of which one alone does not serve the target. */
const market: Market = {
  base: {
    format: "helix-place/cluster@1",
    name: "bought",
    model: "llama-2-7b",
    workload: { promptTokens: 300, outputTokens: 100 },
    machines: { slow: { gpu: "T4" }, quick: { gpu: "L40S" }, other: { gpu: "A100-80GB" } },
    nodes: [],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
    coordinator: { region: "r" },
  },
  offers: [
    { machine: "slow", region: "r", available: 3, pricePerHour: 0.1 },
    { machine: "quick", region: "r", available: 1, pricePerHour: 1 },
    { machine: "other", region: "r", available: 1, pricePerHour: 2 },
  ],
};
const planning = {
  iterationLimit: 1,
  gap: 0.05,
  seed: 1,
  partialInference: true,
  solver: "highs",
} as const;

test("what a purchase within limits claims is what the simulator gives at the target", async () => {
  const goal = {
    kind: "target",
    tokensPerSecond: 1500,
    limits: { maxTimePerOutputToken: 0.024 },
  } as const;
  const bought = await buyMachines(market, { goal, planning, threads: 0 }, createInlinePorts());
  const { service, file, placement } = bought;
  expect(service?.missedBy).toBe(0);
  const cluster = resolveCluster("the mix", file!);
  const held = placementOf(cluster, placement!);
  for (const seed of [41, 42, 43]) {
    const options = { seed, tokensPerSecond: goal.tokensPerSecond, durationSeconds: 500 };
    const { result } = simulatePlacement(cluster, held, options);
    expect(result.timePerOutputToken.mean).toBeLessThanOrEqual(0.024);
    expect(service!.decodeLatency / result.timePerOutputToken.mean).toBeCloseTo(1, 1);
    expect(service!.decodeThroughput / result.decodeTokensPerSecond).toBeCloseTo(1, 1);
  }
});

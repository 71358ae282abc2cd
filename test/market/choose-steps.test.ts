import { expect, test } from "vitest";
import { InputError } from "../../src/core/errors.js";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import { requireUse, type WhatIfOptions } from "../../src/cli/what-if-options.js";
import { buyMachines } from "../../src/market/buy-machines.js";
import type { Market } from "../../src/market/market.js";
import { planScenario, type ScenarioPlanning } from "../../src/market/scenario.js";
import { createInlinePorts } from "../support/inline-ports.js";

/** Cards of which two hold the model together, one behind the other. */
const file: ClusterFile = {
  format: "helix-place/cluster@1",
  name: "steps",
  model: "llama-2-13b",
  engine: { name: "vllm", batchTokens: 512 },
  workload: { promptTokens: 400, outputTokens: 40 },
  machines: { box: { gpu: "L4", gpus: 2, tensorParallel: 1 } },
  nodes: [{ id: "box", machine: "box" }],
  network: { withinRegion: { bandwidth: "10 Gb/s" } },
};
const planning: ScenarioPlanning = {
  iterationLimit: 1,
  gap: 0.01,
  seed: 1,
  partialInference: true,
  solver: "highs",
};
const chosen = { ...planning, chooseBatchTokens: true };

test("a scenario and a purchase are planned with the tokens of a step that serve most", async () => {
  const ports = createInlinePorts();
  const own = await planScenario({ name: "own", file, planning }, ports);
  const steps = await planScenario({ name: "steps", file, planning: chosen }, ports);
  expect(own.result.batchTokens).toBe(512);
  expect(steps.result.batchTokens).toBeLessThan(512);
  expect(steps.placement!.engineSettings!.batchTokens).toBe(steps.result.batchTokens);
  const served = (one: typeof own): number => one.result.served!.decodeTokensPerSecond;
  expect(served(steps)).toBeGreaterThan(1.05 * served(own));

  const market: Market = {
    base: { ...file, nodes: [] },
    offers: [{ machine: "box", region: undefined, available: 1, pricePerHour: 1 }],
  };
  const goal = { kind: "budget", dollarsPerHour: 1 } as const;
  const bought = await buyMachines(market, { goal, planning: chosen, threads: 0 }, ports);
  expect(bought.result!.batchTokens).toBe(steps.result.batchTokens);
  expect(bought.result!.served!.decodeTokensPerSecond).toBeGreaterThan(1.05 * served(own));
  expect(bought.result!.throughput).toBeLessThanOrEqual(bought.bound * (1 + 1e-9));
});

test("the choice of a step is refused beside the flow, which knows no steps, and taken beside limits on latency", () => {
  const asked = (beside: object): (() => void) => {
    const options = { chooseBatchTokens: true, add: ["2x box"], ...beside };
    return () => requireUse(options as unknown as WhatIfOptions);
  };
  expect(asked({ objective: "flow" })).toThrow(InputError);
  expect(asked({ objective: "flow", chooseBatchTokens: false })).not.toThrow();
  expect(asked({ maxTtft: 2 })).not.toThrow();
  expect(asked({ add: undefined, maxTpot: 0.1, target: 100 })).not.toThrow();
});

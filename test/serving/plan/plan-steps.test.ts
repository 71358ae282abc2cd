import { expect, test } from "vitest";
import { checkPlacement } from "../../../src/check/check-placement.js";
import { InputError } from "../../../src/core/errors.js";
import type { PlacementFile } from "../../../src/formats/placement-schema.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { plan, type PlanOptions } from "../../../src/serving/plan/plan.js";
import { createInlinePorts } from "../../support/inline-ports.js";

/** Two cards that hold the model together. */
const cluster = resolveCluster("steps", {
  format: "helix-place/cluster@1",
  name: "steps",
  model: "llama-2-13b",
  engine: { name: "vllm", batchTokens: 1024 },
  workload: { promptTokens: 400, outputTokens: 40 },
  machines: { box: { gpu: "L4", gpus: 2, tensorParallel: 1 } },
  nodes: [{ id: "box", machine: "box" }],
  network: { withinRegion: { bandwidth: "10 Gb/s" } },
});

async function run(options: PlanOptions) {
  const limits = { iterationLimit: 1, threads: 0, objective: "served" } as const;
  const outcome = await plan(cluster, { ...limits, ...options }, createInlinePorts());
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  return outcome;
}

test("the size of a step is chosen by what plans serve with it, under a bound for all that were tried", async () => {
  const { file: chosen, cluster: under } = await run({ chooseBatchTokens: true });
  const sizes = [1024, 512, 256, 128];
  const plans = new Map<number, PlacementFile>();
  for (const batchTokens of sizes) {
    plans.set(batchTokens, (await run({ batchTokens })).file);
    if (plans.size > 1 && servedBy(plans.get(batchTokens)!) < servedBy(plans.get(2 * batchTokens)!))
      break;
  }
  const best = Math.max(...[...plans.values()].map(servedBy));
  expect(servedBy(chosen)).toBe(best);
  const { batchTokens = 0 } = chosen.engineSettings!;
  expect(servedBy(plans.get(batchTokens)!)).toBe(best);
  for (const file of plans.values())
    expect(chosen.served!.bound!).toBeGreaterThanOrEqual(file.served!.bound!);
  expect(chosen.served!.gap).toBeCloseTo(1 - best / chosen.served!.bound!, 9);
  expect(checkPlacement(under, chosen)).toEqual([]);
  // Something was gained, or the test shows nothing.
  expect(best).toBeGreaterThan(1.1 * servedBy(plans.get(1024)!));
});

test("where nothing is served in chains the size of a step is nobody's choice", async () => {
  const asked: readonly PlanOptions[] = [
    { objective: "flow" },
    { engine: "petals" },
    { baseline: "swarm" },
  ];
  for (const options of asked)
    await expect(run({ ...options, chooseBatchTokens: true })).rejects.toThrow(InputError);
});

function servedBy({ served }: PlacementFile): number {
  return served!.decodeTokensPerSecond;
}

import { expect, test } from "vitest";
import { checkPlacement } from "../../../src/check/check-placement.js";
import { InputError } from "../../../src/core/errors.js";
import type { PlacementFile } from "../../../src/formats/placement-schema.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { planSteps } from "../../../src/serving/plan/plan-steps.js";
import { plan, type PlanOptions, type PlanOutcome } from "../../../src/serving/plan/plan.js";
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

const LIMITS = { iterationLimit: 1, threads: 0, objective: "served" } as const;

async function run(options: PlanOptions) {
  const outcome = await plan(cluster, { ...LIMITS, ...options }, createInlinePorts());
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

test("sizes share the time that there is, and none is tried when it is over", async () => {
  let now = 0;
  const ports = { ...createInlinePorts(), now: () => now };
  const timesOf = async (batchTokens: number, timeLimitSeconds: number) => {
    now = 0;
    const given: number[] = [];
    const asked = { ...LIMITS, batchTokens, timeLimitSeconds };
    const { iterationLimit: _, ...options } = asked;
    await planSteps(cluster, options, ports, async (_, { timeLimitSeconds: seconds = 0 }) => {
      given.push(seconds);
      now += seconds;
      const served = { decodeTokensPerSecond: given.length, bound: 10 };
      const file = { served, solve: { strategies: [] } };
      return { kind: "planned", file } as unknown as Extract<PlanOutcome, { kind: "planned" }>;
    });
    return given;
  };
  expect(await timesOf(1024, 40)).toEqual([10, 10, 10, 10]);
  expect(await timesOf(128, 40)).toEqual([20, 20]);
  expect(await timesOf(32, 40)).toEqual([40]);
  expect(await timesOf(1024, 2)).toEqual([1, 1]);
  expect(await timesOf(1024, 0.5)).toEqual([1]);
});

function servedBy({ served }: PlacementFile): number {
  return served!.decodeTokensPerSecond;
}

import { expect, test } from "vitest";
import { checkPlacement } from "../../../src/check/check-placement.js";
import type { ClusterFile } from "../../../src/formats/cluster-schema.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { plan, type PlanOutcome } from "../../../src/serving/plan/plan.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";
import { createInlinePorts } from "../../support/inline-ports.js";

/** Machines of which one serves most within the limits with both cards together, and the other with each alone. */
const file: ClusterFile = {
  format: "helix-place/cluster@1",
  name: "within",
  model: "llama-2-13b",
  engine: "vllm",
  workload: { promptTokens: 400, outputTokens: 50 },
  machines: {
    old: { gpu: "A10G", gpus: 2, interconnect: "pcie" },
    new: { gpu: "L40S", gpus: 2, interconnect: "pcie" },
  },
  nodes: ["new", "old"].map((id) => ({ id, machine: id })),
  network: { withinRegion: { bandwidth: "25 Gb/s" } },
};
const LIMITS = { statistic: "mean", maxTimePerOutputToken: 0.09 } as const;
const OPTIONS = { objective: "goodput", limits: LIMITS, iterationLimit: 1, threads: 0 } as const;

async function planWithin(degrees: Record<string, number> = {}) {
  const machines = Object.fromEntries(
    Object.entries(file.machines!).map(([name, own]) => {
      const tensorParallel = degrees[name];
      return [name, tensorParallel === undefined ? own : { ...own, tensorParallel }];
    }),
  );
  const cluster = resolveCluster("within", { ...file, machines });
  return plan(cluster, OPTIONS, createInlinePorts());
}

function rateOf(outcome: PlanOutcome): number {
  if (outcome.kind !== "planned") return 0;
  const { at } = outcome.file.served!;
  return at === "saturation" ? 0 : at.rate;
}

test("with the choice how cards work together no less is promised within limits than with any degrees given, and it holds", async () => {
  const chosen = await planWithin();
  if (chosen.kind !== "planned") throw new Error(chosen.kind);
  const rate = rateOf(chosen);
  expect(checkPlacement(chosen.cluster, chosen.file)).toEqual([]);
  const fixed = rateOf(await planWithin({ old: 2, new: 1 }));
  expect(rate).toBeGreaterThan(0.96 * fixed);
  const { result } = simulatePlacement(chosen.cluster, chosen.placement, {
    seed: 77,
    tokensPerSecond: rate,
  });
  expect(result.timePerOutputToken.mean).toBeLessThanOrEqual(LIMITS.maxTimePerOutputToken);
});

test("an interrupt before any rate was tried returns the chains that stood on trial, at a rate that fresh seeds keep", async () => {
  const stop = new AbortController();
  const inline = createInlinePorts();
  const breathe = (): Promise<void> => {
    stop.abort();
    return inline.breathe();
  };
  const machines = { old: { ...file.machines!["old"]!, tensorParallel: 2 } };
  const nodes = [{ id: "old", machine: "old" }];
  const cluster = resolveCluster("within", { ...file, machines, nodes });
  const { iterationLimit: _, ...timed } = OPTIONS;
  const asked = { ...timed, timeLimitSeconds: 60, signal: stop.signal };
  const outcome = await plan(cluster, asked, { ...inline, breathe });
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(outcome.file.termination).toBe("interrupted");
  const { result } = simulatePlacement(outcome.cluster, outcome.placement, {
    seed: 78,
    tokensPerSecond: rateOf(outcome),
  });
  expect(result.timePerOutputToken.mean).toBeLessThanOrEqual(LIMITS.maxTimePerOutputToken);
});

test("where no chain keeps the limits by itself, what comes nearest is named by the latency that it has", async () => {
  const machines = { old: { ...file.machines!["old"]!, tensorParallel: 2 } };
  const nodes = [{ id: "old", machine: "old" }];
  const cluster = resolveCluster("within", { ...file, machines, nodes });
  const limits = { ...LIMITS, maxTimePerOutputToken: 0.02 };
  const outcome = await plan(cluster, { ...OPTIONS, limits }, createInlinePorts());
  if (outcome.kind !== "limits-missed") throw new Error(outcome.kind);
  const { mean } = outcome.nearest.timePerOutputToken;
  expect(mean).toBeGreaterThan(limits.maxTimePerOutputToken);
  expect(mean).toBeLessThan(0.1);
});

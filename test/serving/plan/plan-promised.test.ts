import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { planPromised } from "../../../src/serving/plan/plan-promised.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { createInlinePorts } from "../../support/inline-ports.js";

const cluster = resolveCluster("two", {
  format: "helix-place/cluster@1",
  name: "two",
  engine: "vllm",
  model: "llama-3-8b",
  workload: { promptTokens: 400, outputTokens: 50 },
  machines: { l4: { gpu: "L4" } },
  nodes: [{ id: "n", machine: "l4", count: 2 }],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
});
const LIMITS = { maxTimePerOutputToken: 0.2, statistic: "mean" } as const;
const ASKED = { objective: "goodput", limits: LIMITS, threads: 0 } as const;

/** Runs of what is promised; an interrupt comes before the one of that number. */
async function countRuns(interruptedAt: number) {
  const known = await plan(cluster, { ...ASKED, iterationLimit: 1 }, createInlinePorts());
  const controller = new AbortController();
  let runs = 0;
  const ports = createInlinePorts();
  const breathe = (): Promise<void> => {
    runs += 1;
    if (runs === interruptedAt) controller.abort();
    return ports.breathe();
  };
  const { signal } = controller;
  const outcome = await planPromised(
    cluster,
    // Of what is kept for the runs a third is much for each.
    { ...ASKED, timeLimitSeconds: 20, signal },
    { ...ports, breathe },
    () => Promise.resolve(known),
  );
  expect(outcome.kind).toBe("planned");
  return runs;
}

test("an interrupt ends the runs that make a promise surer, and keeps the plan", async () => {
  // Steps down to a rate that is kept stay, runs that would make it surer are left out.
  expect(await countRuns(3)).toBeLessThanOrEqual((await countRuns(Infinity)) - 3);
});

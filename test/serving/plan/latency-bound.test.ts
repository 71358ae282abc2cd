import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import type { PlacementFile } from "../../../src/formats/placement-schema.js";
import { plan, type PlanOptions } from "../../../src/serving/plan/plan.js";
import { createInlinePorts } from "../../support/inline-ports.js";

// One user alone is quickest where the cards of a machine work as one; most flows where they do not.
const cluster = resolveCluster("cluster.json", {
  format: "helix-place/cluster@1",
  name: "boxes",
  model: "llama-3-8b",
  machines: { box: { gpu: "L4", gpus: 4, nic: "10 Gb/s" } },
  nodes: [{ id: "box", machine: "box" }],
  network: { withinRegion: { bandwidth: "10 Gb/s" } },
});

async function planFor(
  objective: "flow" | "latency" | "served",
  more: PlanOptions = {},
): Promise<PlacementFile> {
  const options = { iterationLimit: 1, threads: 0, objective, ...more };
  const outcome = await plan(cluster, options, createInlinePorts());
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  return outcome.file;
}

test("bounds beside the quickest pipeline, a baseline or cards that stay as they are hold however they are shared out", async () => {
  const quickest = await planFor("latency");
  const most = await planFor("flow");
  expect(quickest.throughput).toBeLessThan(most.throughput);
  expect(quickest.upperBound).toBeGreaterThanOrEqual(most.throughput);
  const known = await planFor("flow", { baseline: "petals" });
  expect(known.upperBound).toBeGreaterThanOrEqual(most.throughput);
  const kept = await planFor("served", { keepCards: true, chooseBatchTokens: false });
  const served = await planFor("served", { chooseBatchTokens: false });
  expect(kept.upperBound).toBeGreaterThanOrEqual(most.throughput);
  expect(kept.served!.bound).toBeGreaterThanOrEqual(served.served!.decodeTokensPerSecond);
  expect(quickest.latency!.bound).toBeCloseTo(quickest.latency!.secondsPerToken, 9);
});

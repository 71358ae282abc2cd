import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";
import { createInlinePorts } from "../../support/inline-ports.js";

test("an engine whose nodes form their own batches serves no less than every machine alone", async () => {
  const cluster = resolveCluster("copies", {
    format: "helix-place/cluster@1",
    name: "copies",
    engine: "parallax",
    model: "llama-3-8b",
    workload: { promptTokens: 200, outputTokens: 50 },
    machines: { l40s: { gpu: "L40S" }, l4: { gpu: "L4" } },
    nodes: [
      { id: "big", machine: "l40s", count: 2 },
      { id: "small", machine: "l4", count: 2 },
    ],
    network: { withinRegion: { bandwidth: "1 Gb/s", latency: "5 ms" } },
  });
  const options = { objective: "served", iterationLimit: 2, threads: 0 } as const;
  const outcome = await plan(cluster, options, createInlinePorts());
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  const { served } = outcome.file;
  const window = { warmupSeconds: 100, durationSeconds: 200, seed: 77 };
  const alone = cluster.nodes.map(() => [0, cluster.model.layers] as const);
  const { result } = simulatePlacement(cluster, alone, window);
  const mine = simulatePlacement(cluster, outcome.placement, window).result;
  expect(mine.decodeTokensPerSecond).toBeGreaterThan(0.99 * result.decodeTokensPerSecond);
  expect(served!.decodeTokensPerSecond).toBeLessThanOrEqual(served!.bound!);
}, 60_000);

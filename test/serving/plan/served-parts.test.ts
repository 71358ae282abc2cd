import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { createInlinePorts } from "../../support/inline-ports.js";

/** Two machines of four cards that any degree serves on. */
async function planFor(tensorParallel: "auto" | number) {
  const cluster = resolveCluster("cluster.json", {
    format: "helix-place/cluster@1",
    name: "two-of-four",
    model: "llama-2-13b",
    workload: { promptTokens: 300, outputTokens: 100 },
    tensorParallel,
    machines: { box: { gpu: "L40S", gpus: 4, nic: "10 Gb/s" } },
    nodes: [{ id: "box", machine: "box", count: 2, region: "r" }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
    coordinator: { region: "r" },
  });
  const options = { iterationLimit: 1, threads: 0 } as const;
  const outcome = await plan(cluster, options, createInlinePorts());
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  return outcome.file;
}

test("by default cards are shared out by what is served, under a bound that holds for every degree", async () => {
  const { served, objective } = await planFor("auto");
  expect(objective).toBe("served");
  for (const degree of [1, 2, 4]) {
    const alike = (await planFor(degree)).served!;
    expect(served!.decodeTokensPerSecond).toBeGreaterThanOrEqual(alike.decodeTokensPerSecond);
    expect(served!.bound).toBeGreaterThanOrEqual(alike.bound! * (1 - 1e-9));
  }
});

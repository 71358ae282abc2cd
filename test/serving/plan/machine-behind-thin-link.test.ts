import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { createInlinePorts } from "../../support/inline-ports.js";

/** So many like machines, their links so thin that stages wait for them: a chain of more is no faster. */
async function served(count: number): Promise<number> {
  const cluster = resolveCluster("cluster.json", {
    format: "helix-place/cluster@1",
    name: "thin",
    model: "llama-3-70b",
    engine: "sglang",
    workload: "sharegpt",
    machines: { m: { gpu: "H100-80GB", gpus: 2, nic: "100 Gb/s" } },
    nodes: [{ id: "n", machine: "m", count, region: "r1" }],
    network: {
      withinRegion: { bandwidth: "1 Gb/s", latency: "0.2 ms" },
      acrossRegions: { bandwidth: "1 Gb/s", latency: "60 ms" },
    },
    coordinator: { region: "r0", nic: "25 Gb/s" },
  });
  const outcome = await plan(cluster, { iterationLimit: 1, threads: 0 }, createInlinePorts());
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  return outcome.file.served!.decodeTokensPerSecond;
}

test("a machine more does not lower what is served, where links and not machines bind", async () => {
  const two = await served(2);
  const three = await served(3);
  expect(three / two).toBeGreaterThan(0.99);
});

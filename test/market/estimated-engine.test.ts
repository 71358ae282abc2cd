import { expect, test } from "vitest";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import { createInlineScenarioCrew } from "../../src/market/scenario-crew.js";
import type { ScenarioJob } from "../../src/market/scenario.js";
import { createNodePorts } from "../../src/node/node-ports.js";

const PLANNING = {
  gap: 0.01,
  seed: 1,
  partialInference: true,
  solver: "highs",
  objective: "flow",
  iterationLimit: 1,
} as const;

function job(engine: "vllm" | "helix"): ScenarioJob {
  const file: ClusterFile = {
    format: "helix-place/cluster@1",
    name: "one",
    model: "llama-3-8b",
    engine,
    machines: { a: { gpu: "A100-80GB" } },
    nodes: [{ id: "a", machine: "a", count: 1 }],
    network: { withinRegion: { bandwidth: "10 Gb/s" } },
  };
  return { name: "today", file, planning: PLANNING };
}

test("the model of the paper's batching says nothing of what another engine serves", async () => {
  const crew = createInlineScenarioCrew(createNodePorts());
  expect((await crew.run(job("helix"))).result.estimate?.decodeThroughput).toBeGreaterThan(0);
  expect((await crew.run(job("vllm"))).result.estimate).toBeUndefined();
});

import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { replan } from "../../../src/serving/plan/replan.js";
import { summarizeReplan } from "../../../src/report/replan-summary.js";
import { createInlinePorts } from "../../support/inline-ports.js";

test("a chain that serves as much the other way round keeps what its nodes hold", async () => {
  const cluster = resolveCluster("lab", {
    format: "helix-place/cluster@1",
    name: "lab",
    engine: { name: "vllm", batchTokens: 128 },
    model: "llama-2-13b",
    machines: { t4: { gpu: "T4" }, a100: { gpu: "A100-40GB" } },
    nodes: [
      { id: "t4", machine: "t4", count: 3 },
      { id: "a100", machine: "a100" },
    ],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.3 ms" } },
  });
  const outcome = await replan(
    cluster,
    [null, null, null, [0, 20]],
    {
      objective: "served",
      threads: 0,
      iterationLimit: 1,
      partialInference: false,
      constraints: { ...UNCONSTRAINED, chainsOnly: true },
    },
    createInlinePorts(),
  );
  if (outcome.kind !== "replanned") throw new Error(outcome.kind);
  const { report, file } = outcome;
  expect(report.step).toBe(128);
  expect(summarizeReplan(report, { gone: [], added: [] })).toContain("with steps of 128 tokens");
  // Planned anew the slow cards are the first of the chain, and all 40 layers are loaded.
  expect(report.bytes).toBeLessThan(0.55 * 40 * cluster.model.layerBytes);
  expect(file.nodes.find(({ id }) => id === "a100")!.layers![0]).toBe(0);
});

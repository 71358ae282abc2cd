import { expect, test } from "vitest";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { summarizePlan } from "../../src/report/plan-summary.js";
import { plan } from "../../src/serving/plan/plan.js";
import { createInlinePorts } from "../support/inline-ports.js";

test("flow of estimated cards is called flow, and no promise", async () => {
  const cluster = resolveCluster("cards", {
    format: "helix-place/cluster@1",
    name: "cards",
    engine: "helix",
    model: "llama-3-8b",
    machines: { l4: { gpu: "L4" } },
    nodes: [{ id: "n", machine: "l4", count: 2 }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.1 ms" } },
  });
  const outcome = await plan(cluster, { iterationLimit: 1, threads: 0 }, createInlinePorts());
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  const [first, second] = summarizePlan(outcome.cluster, outcome.file).split("\n");
  expect(first).toMatch(/^llama-3-8b on cards: flow [\d.,]+ tokens\/s$/);
  expect(second).toContain("not a promise: simulate says what is served");
});

import { expect, test } from "vitest";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { describeFlowAlone } from "../../src/report/chains-explained.js";
import { summarizePlan } from "../../src/report/plan-summary.js";
import { plan } from "../../src/serving/plan/plan.js";
import { createInlinePorts } from "../support/inline-ports.js";

async function planCards(engine: "helix" | "vllm") {
  const cluster = resolveCluster("cards", {
    format: "helix-place/cluster@1",
    name: "cards",
    engine,
    model: "llama-3-8b",
    machines: { l4: { gpu: "L4" } },
    nodes: [{ id: "n", machine: "l4", count: 2 }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.1 ms" } },
  });
  const outcome = await plan(cluster, { iterationLimit: 1, threads: 0 }, createInlinePorts());
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  return outcome;
}

test("flow of estimated cards is called flow, and no promise", async () => {
  const outcome = await planCards("helix");
  const [first, second] = summarizePlan(outcome.cluster, outcome.file).split("\n");
  expect(first).toMatch(/^llama-3-8b on cards: flow [\d.,]+ tokens\/s$/);
  expect(second).toContain("not a promise: simulate says what is served");
});

test("a plan that serves more with less flow says whose gap ended the search", async () => {
  const { cluster, file } = await planCards("vllm");
  const ended = { ...file, termination: "gap", gap: 0.3, status: "feasible" } as const;
  expect(summarizePlan(cluster, ended)).toContain("the search for flow ended by gap after");
  expect(summarizePlan(cluster, { ...ended, status: "optimal" })).toContain("; ended by gap after");
});

test("what explain says of nodes that batch for themselves is called flow as well", async () => {
  const { cluster, file } = await planCards("helix");
  expect(describeFlowAlone(cluster, file)).toEqual([
    "The flow of all tokens through these layers, a bound and not what is served, which simulate says:",
  ]);
});

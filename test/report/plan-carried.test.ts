import { expect, test } from "vitest";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { describeFlowAlone } from "../../src/report/chains-explained.js";
import { escapeXml } from "../../src/report/escape-xml.js";
import { renderPlanReport } from "../../src/report/plan-report.js";
import { explainPlan, summarizePlan } from "../../src/report/plan-summary.js";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import { describeHurry } from "../../src/report/in-a-hurry.js";
import { plan } from "../../src/serving/plan/plan.js";
import { createInlinePorts } from "../support/inline-ports.js";

async function planCards() {
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
  return outcome;
}

const SERVED = {
  decodeTokensPerSecond: 100,
  promptTokensPerSecond: 300,
  timeToFirstToken: 0.1,
  timePerOutputToken: 0.05,
  concurrency: 9,
  at: "saturation",
  by: "simulation",
} as const;

test("flow of estimated cards is called flow, and no promise", async () => {
  const outcome = await planCards();
  const [first, second] = summarizePlan(outcome.cluster, outcome.file).split("\n");
  expect(first).toMatch(/^llama-3-8b on cards: flow [\d.,]+ tokens\/s$/);
  expect(second).toContain("not a promise: simulate says what is served");
});

test("a plan that was tried with other requests than the workload's says so, as its simulation does", async () => {
  const { cluster, file } = await planCards();
  const said = (promptTokensPerSecond: number, chainsOnly: boolean): string =>
    summarizePlan(cluster, {
      ...file,
      constraints: { chainsOnly },
      served: { ...SERVED, promptTokensPerSecond },
    });
  // The workload has about 3.3.
  expect(said(250, false)).toMatch(/Served are other .* 2\.50 prompt tokens .*, not 3\.\d\d:/);
  expect(said(330, false)).not.toContain("Served are other");
  expect(said(250, true)).not.toContain("Served are other");
});

test("a plan that serves more with less flow says whose gap ended the search", async () => {
  const { cluster, file } = await planCards();
  const ended = {
    ...file,
    served: SERVED,
    termination: "gap",
    gap: 0.3,
    status: "feasible",
  } as const;
  expect(summarizePlan(cluster, ended)).toMatch(
    /planned in [\d.]+ s; the search for flow ended by gap, /,
  );
  expect(summarizePlan(cluster, { ...ended, status: "optimal" })).toContain("; ended by gap after");
});

test("what explain says of nodes that batch for themselves is called flow as well", async () => {
  const { cluster, file } = await planCards();
  expect(describeFlowAlone(cluster, file)).toEqual([
    "The flow of all tokens through these layers, not what is served, which simulate says:",
  ]);
});

test("a rate that was the best when the time was up says that more may keep the limits", async () => {
  const { cluster, file } = await planCards();
  const within = { ...SERVED, at: { rate: 500 } };
  const late = { ...file, served: within, termination: "time-limit" } as PlacementFile;
  expect(summarizePlan(cluster, late)).toContain("more arriving may keep the limits");
  expect(summarizePlan(cluster, { ...late, termination: "exhausted" })).not.toContain(
    "more arriving",
  );
  const rows = [
    { name: "a", served: late.served, termination: late.termination },
    { name: "b", served: SERVED, termination: late.termination },
  ];
  expect(describeHurry(rows).join("\n")).toContain("were tried: a; more arriving may keep");
});

test("a page of a plan says all that the terminal says, and of limits the rate that keeps them", async () => {
  const { cluster, file } = await planCards();
  const within = { ...SERVED, at: { rate: 500 }, bound: 400, gap: 0.75, uncertainty: 10 };
  const late = { ...file, served: within, termination: "time-limit" } as PlacementFile;
  const page = renderPlanReport(cluster, late, { input: "", command: "" });
  const lines = explainPlan(cluster, late).map((line) => line.trim().slice(1));
  expect(lines.join(" ")).toContain("limits left aside");
  for (const line of lines) expect(page).toContain(escapeXml(line));
  expect(page).toContain("Keeps the limits with up to 500.0 tokens/s arriving");
  // A bound that knows nothing of limits is no measure for what keeps them.
  expect(page).not.toContain("Served below that by");
});

test("a rate of an interrupted plan is said not to have been run again", async () => {
  const { cluster, file } = await planCards();
  const said = (termination: PlacementFile["termination"], at: PlacementFile["served"]) =>
    summarizePlan(cluster, { ...file, termination, served: at });
  const within = { ...SERVED, at: { rate: 500 } };
  expect(said("interrupted", within)).toContain("simulate --rate 500 says whether it is kept");
  expect(said("gap", within)).not.toContain("whether it is kept");
  expect(said("interrupted", SERVED)).not.toContain("whether it is kept");
});

import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { explainPlan } from "../../../src/report/plan-summary.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";
import { createInlinePorts } from "../../support/inline-ports.js";

/** Cards whose links are so thin that batches wait for them. */
function cards(model: string, count: number) {
  return resolveCluster("cards", {
    format: "helix-place/cluster@1",
    name: "cards",
    engine: "vllm",
    model,
    workload: "sharegpt",
    machines: { card: { gpu: "RTX 3090", nic: "1 Gb/s" } },
    nodes: [{ id: "n", machine: "card", count, region: "r" }],
    network: { withinRegion: { bandwidth: "1 Gb/s", latency: "0.3 ms" } },
    coordinator: { region: "r", nic: "1 Gb/s" },
  });
}

async function planned(model: string, count: number) {
  const asked = { iterationLimit: 1, batchTokens: 512, threads: 0, alsoArriving: true } as const;
  const outcome = await plan(cards(model, count), asked, createInlinePorts());
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  return outcome;
}

test("of a chain it is said what it serves of arrivals, as simulations of them have it", async () => {
  const { cluster, placement, file } = await planned("qwen-2.5-32b", 4);
  const { arriving, decodeTokensPerSecond, promptTokensPerSecond } = file.served!;
  expect(file.pipelines[0]!.stages.length).toBeGreaterThan(1);
  expect(arriving!.most).toBeLessThanOrEqual(decodeTokensPerSecond);
  expect(arriving!.runs).toBe(3);
  const { result } = simulatePlacement(cluster, placement, {
    engine: "vllm",
    batchTokens: 512,
    tokensPerSecond: decodeTokensPerSecond + promptTokensPerSecond,
    seed: 5,
  });
  expect(result.decodeTokensPerSecond / arriving!.least).toBeGreaterThan(0.95);
  expect(result.decodeTokensPerSecond / arriving!.most).toBeLessThan(1.05);
}, 60_000);

test("it is told where it is clearly less than full load", async () => {
  const { cluster, file } = await planned("qwen-2.5-32b", 4);
  const said = (least: number, most: number, runs: number): string => {
    const served = {
      ...file.served!,
      decodeTokensPerSecond: 1000,
      arriving: { least, most, runs },
    };
    return explainPlan(cluster, { ...file, served }).join("\n");
  };
  expect(said(700, 900, 3)).toContain("it serves 700.0 to 900.0 decode tokens/s in 3 runs");
  expect(said(700, 700, 1)).toContain("it serves 700.0 decode tokens/s in a run");
  expect(said(890, 950, 3)).not.toContain("bunch");
}, 60_000);

test("one node alone has no batches to bunch in", async () => {
  const { file } = await planned("llama-3-8b", 1);
  expect(file.served!.decodeTokensPerSecond).toBeGreaterThan(0);
  expect(file.served!.arriving).toBeUndefined();
}, 60_000);

import { expect, test } from "vitest";
import { checkPlacement } from "../../../src/check/check-placement.js";
import type { ClusterFile } from "../../../src/formats/cluster-schema.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { describeJudged } from "../../../src/serving/served/describe-judged.js";
import { findFront, type ParetoOptions } from "../../../src/serving/plan/find-front.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { createInlinePorts } from "../../support/inline-ports.js";

const base: Omit<ClusterFile, "machines"> = {
  format: "helix-place/cluster@1",
  name: "front",
  model: "llama-2-13b",
  workload: { promptTokens: 400, outputTokens: 40 },
  nodes: [{ id: "box", machine: "box" }],
  network: { withinRegion: { bandwidth: "10 Gb/s" } },
};
const LIMITS = { iterationLimit: 1, threads: 0 } as const;

/** Cards that can be shared out, and cards that hold the model together as they are. */
const CLUSTERS: readonly ClusterFile[] = [
  { ...base, machines: { box: { gpu: "L4", gpus: 2 } } },
  { ...base, machines: { box: { gpu: "L4", gpus: 2, tensorParallel: 1 } } },
];

async function frontOf(file: ClusterFile, options: ParetoOptions = {}) {
  const cluster = resolveCluster("front", file);
  const outcome = await findFront(cluster, { ...LIMITS, ...options }, createInlinePorts());
  if (outcome.kind !== "front") throw new Error(outcome.kind);
  return outcome;
}

test.each(CLUSTERS)(
  "a front serves at its end what plan serves, with the same step, under bounds for all that could be chosen",
  async (file) => {
    const planned = await plan(resolveCluster("plan", file), LIMITS, createInlinePorts());
    if (planned.kind !== "planned") throw new Error(planned.kind);
    const { served, engineSettings, upperBound } = planned.file;
    expect(served!.engineStep).toBeDefined();
    const { points, placements } = await frontOf(file);
    const [most] = points;
    const { decodeTokensPerSecond } = most!.report.result;
    expect(decodeTokensPerSecond / served!.decodeTokensPerSecond).toBeGreaterThan(0.97);
    expect(most!.batchTokens).toBe(engineSettings!.batchTokens);
    for (const judged of placements) {
      const written = describeJudged(judged.problem.cluster, judged, "", judged);
      expect(checkPlacement(judged.problem.cluster, written)).toEqual([]);
      expect(written.upperBound).toBe(upperBound);
      expect(written.engineSettings?.batchTokens ?? 2048).toBe(judged.batchTokens);
    }
  },
);

test("steps stay the engine's own where that is asked for, and those that somebody has set", async () => {
  const own = await frontOf(CLUSTERS[1]!, { chooseBatchTokens: false });
  expect(new Set(own.points.map(({ batchTokens }) => batchTokens))).toEqual(new Set([2048]));
  const set = await frontOf({ ...CLUSTERS[1]!, engine: { name: "vllm", batchTokens: 512 } });
  expect(new Set(set.points.map(({ batchTokens }) => batchTokens))).toEqual(new Set([512]));
});

test("a front has an end at which one user alone waits as little as the plan for that says", async () => {
  // What serves most cuts the model into many pieces; the quickest pipeline leaves the slow cards out.
  const file: ClusterFile = {
    ...base,
    model: "qwen-2.5-32b",
    engine: "vllm",
    workload: "sharegpt",
    machines: {
      old: { gpu: "V100-16GB", gpus: 4, interconnect: "pcie", nic: "1 Gb/s" },
      card: { gpu: "RTX 4090", nic: "1 Gb/s" },
      other: { gpu: "RTX 3090", nic: "1 Gb/s" },
    },
    nodes: [
      { id: "card", machine: "card" },
      { id: "other", machine: "other", count: 2 },
      { id: "old", machine: "old" },
    ],
    network: { withinRegion: { bandwidth: "1 Gb/s", latency: "0.3 ms" } },
  };
  const quickest = await plan(
    resolveCluster("plan", file),
    { ...LIMITS, objective: "latency" },
    createInlinePorts(),
  );
  if (quickest.kind !== "planned") throw new Error(quickest.kind);
  const { points } = await frontOf(file, { loads: [0.5] });
  const least = Math.min(...points.map(({ report }) => report.result.timePerOutputToken.mean));
  expect(least).toBeLessThan(1.2 * quickest.file.latency!.secondsPerToken);
}, 120_000);

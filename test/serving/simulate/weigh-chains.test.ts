import { expect, test } from "vitest";
import { queueGrowth } from "../../../src/serving/simulate/queue-growth.js";
import {
  simulatePlacement,
  weighPlacement,
} from "../../../src/serving/simulate/simulate-placement.js";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import type { Placement } from "../../../src/core/placement.js";

/** A machine that holds the model with room to spare, and a chain of small ones whose KV caches all its batches share. */
const { cluster } = loadCluster(
  "unlike",
  JSON.stringify({
    format: "helix-place/cluster@1",
    name: "unlike",
    model: "llama-2-13b",
    engine: "vllm",
    workload: { promptTokens: 400, outputTokens: 100 },
    machines: { big: { gpu: "A100-80GB" }, small: { gpu: "T4" } },
    nodes: [
      { id: "big", machine: "big" },
      { id: "small", machine: "small", count: 3 },
    ],
    network: { withinRegion: { bandwidth: "10 Gb/s" } },
  }),
);
const placement: Placement = [
  [0, 40],
  [0, 13],
  [13, 26],
  [26, 40],
];
const RUN = { warmupSeconds: 60, durationSeconds: 400 };

test("what chains serve at full load is served when four fifths of it arrive, whatever their flows", () => {
  const { flow, result: full } = simulatePlacement(cluster, placement, RUN);
  const all = full.decodeTokensPerSecond + full.promptTokensPerSecond;
  const run = { ...RUN, tokensPerSecond: 0.8 * all };
  const { result } = simulatePlacement(cluster, placement, run);
  expect(queueGrowth(result)).toBe(0);
  expect(result.decodeTokensPerSecond / (0.8 * full.decodeTokensPerSecond)).toBeCloseTo(1, 1);
  // Or the test shows nothing: by the flows the chain of small machines would get more than it serves.
  const weights = weighPlacement(cluster, placement);
  const share = weights.get(1)! / (weights.get(0)! + weights.get(1)!);
  const alone = simulatePlacement(cluster, [null, ...placement.slice(1)], RUN);
  expect(alone.result.decodeTokensPerSecond / full.decodeTokensPerSecond).toBeCloseTo(share, 1);
  expect(alone.flow / flow).toBeGreaterThan(1.5 * share);
});

test("alike chains have alike weights, and weights are the same for all seeds", () => {
  const own = weighPlacement(cluster, placement, { seed: 1 });
  expect(weighPlacement(cluster, placement, { seed: 2 })).toEqual(own);
  expect([...own.keys()]).toEqual([0, 1]);
  expect(weighPlacement(cluster, placement, { engine: "petals" }).size).toBe(0);
});

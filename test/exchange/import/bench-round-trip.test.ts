import { expect, test } from "vitest";
import { NO_OVERHEAD } from "../../../src/engines/engine.js";
import { curveAt } from "../../../src/hardware/curve.js";
import { VLLM } from "../../../src/engines/vllm.js";
import { readVllmBench } from "../../../src/exchange/import/vllm-bench.js";
import { evaluatePlacement } from "../../../src/planner/graph/evaluate-placement.js";
import { listChains } from "../../../src/serving/simulate/chains/chain.js";
import { simulateChains } from "../../../src/serving/simulate/chains/simulate-chains.js";
import { OFFLINE } from "../../../src/serving/simulate/traffic.js";
import { constantLengths } from "../../serving/constant-lengths.js";
import { clusterOf } from "../../serving/simulate/fixtures.js";
import { expectCluster } from "./planned.js";

const LAYERS = 80;
const OUTPUT = 100;
const CURVES = {
  promptSeconds: [
    [200, 0.0005],
    [2000, 0.004],
  ],
  decodeSeconds: [
    [1, 0.0002],
    [16, 0.00025],
    [64, 0.0004],
  ],
} as const;

/** What a benchmark would print of a server of these curves with so many clients, each sending one request after another. */
function benchmark(clients: number, prompt: number): { source: string; json: object } {
  const network = { latencySeconds: 0, bandwidthBytesPerSecond: 1e15 };
  const cluster = clusterOf({ layers: LAYERS, nodes: 1, ...CURVES, ...network });
  const placement = [[0, LAYERS]] as const;
  const { links } = evaluatePlacement(cluster, placement, { partialInference: true });
  if (VLLM.batching.kind !== "chain") throw new Error("vLLM has one scheduler per chain");
  const run = simulateChains(
    {
      cluster,
      placement,
      links,
      scheduler: "helix",
      batching: "layerwise",
      traffic: OFFLINE,
      lengths: constantLengths("fixed", prompt, OUTPUT),
      seed: 1,
      warmupSeconds: 100,
      durationSeconds: 400,
      stopAtEnd: true,
      highWaterMark: 1,
      outputRatio: 1,
      meanOutputTokens: OUTPUT,
    },
    listChains(placement, links).chains,
    { batching: { ...VLLM.batching, maxSequences: clients }, overhead: NO_OVERHEAD },
  );
  const completed = run.requestSeconds.count;
  return {
    source: `${clients}.json`,
    json: {
      completed,
      max_concurrency: clients,
      total_input_tokens: completed * prompt,
      total_output_tokens: completed * (OUTPUT + 1),
      output_throughput: (run.decodeTokensPerSecond * (OUTPUT + 1)) / OUTPUT,
      mean_ttft_ms: 1000 * run.timeToFirstToken.mean,
      mean_tpot_ms: 1000 * run.timePerOutputToken.mean,
    },
  };
}

test("a server's benchmark gives back the curves it runs by", () => {
  const results = [
    benchmark(1, 1000),
    benchmark(1, 2000),
    benchmark(1, 200),
    ...[4, 16, 32].map((clients) => benchmark(clients, 1000)),
  ];
  const options = { name: "x", model: "llama-3-70b", layers: LAYERS, gpu: "A100-80GB", gpus: 1 };
  const { file } = expectCluster(readVllmBench(results, options));
  const { promptSeconds, decodeSeconds } = file.machines["a100-80gb"]!.profile!;
  expect(promptSeconds!.length + decodeSeconds!.length).toBe(7);
  const near = (curve: readonly (readonly [number, number])[], [x, y]: [number, number]): void => {
    const right = curveAt(curve, x, "through-zero");
    expect(y / right, `${x}: ${y} s, ${right} s`).toBeGreaterThan(0.9);
    expect(y / right, `${x}: ${y} s, ${right} s`).toBeLessThan(1.1);
  };
  for (const sample of promptSeconds!) near(CURVES.promptSeconds, sample as [number, number]);
  for (const sample of decodeSeconds!) near(CURVES.decodeSeconds, sample as [number, number]);
});

import { describe, expect, it } from "vitest";
import { readVllmBench } from "../../../src/exchange/import/vllm-bench.js";
import { expectCluster, problemPaths, readBack } from "./planned.js";

/** A result as vllm bench serve --save-result writes it, the fields that matter. */
function result(concurrency: number, promptTokens: number, ttft: number, tpot: number) {
  const completed = 40;
  return {
    source: `c${concurrency}-${promptTokens}.json`,
    json: {
      date: "20250101-120000",
      backend: "vllm",
      num_prompts: completed,
      max_concurrency: concurrency,
      completed,
      total_input_tokens: completed * promptTokens,
      total_output_tokens: completed * 200,
      output_throughput: (0.95 * concurrency * 1000) / tpot,
      mean_ttft_ms: ttft * 1.1,
      median_ttft_ms: ttft,
      mean_tpot_ms: tpot * 1.1,
      median_tpot_ms: tpot,
    },
  };
}

const RESULTS = [result(32, 800, 900, 40), result(1, 800, 80, 20), result(1, 2000, 200, 20)];
const OPTIONS = { name: "bench", model: "llama-3-70b", layers: 80, gpu: "A100-80GB", gpus: 1 };

describe("readVllmBench", () => {
  it("turns runs into curves per layer, by Little's law where requests overlap", () => {
    const { file } = expectCluster(readVllmBench(RESULTS, { ...OPTIONS, heldLayers: 20 }));
    const profile = file.machines["a100-80gb"]!.profile!;
    expect(profile.promptSeconds).toEqual([
      [800, 0.08 / 20],
      [2000, 0.2 / 20],
    ]);
    expect(profile.decodeSeconds).toEqual([
      [1, 0.02 / 20],
      [expect.closeTo(0.95 * 32, 9), 0.04 / 20],
    ]);
  });

  it("gives a measured machine, and as many as hold the model", () => {
    const cluster = readBack(readVllmBench(RESULTS, { ...OPTIONS, heldLayers: 20 }));
    expect(cluster.nodes).toHaveLength(4);
    expect(cluster.machines[0]!.capacity.source).toBe("measured");
    expect(cluster.machines[0]!.capacity.maxLayers).toBeGreaterThan(20);
  });

  it("asks for a run with one request at a time", () => {
    expect(problemPaths(readVllmBench([RESULTS[0]!], OPTIONS))).toEqual(["max_concurrency"]);
  });

  it("names the file and the field that is missing", () => {
    const broken = { source: "x.json", json: { completed: 3, max_concurrency: 1 } };
    expect(problemPaths(readVllmBench([broken], OPTIONS))).toEqual([
      "x.json: median_tpot_ms",
      "x.json: median_ttft_ms",
      "x.json: total_input_tokens",
      "x.json: output_throughput",
    ]);
  });
});

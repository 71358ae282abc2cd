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
      // 760 tokens/s of 200 each: 3.8 prompts/s, of which 31 of 32 are others' and take 80 ms each.
      [expect.closeTo(0.95 * 32, 9), expect.closeTo((0.04 / 20) * (1 - 3.8 * (31 / 32) * 0.08), 9)],
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

  it("takes llama.cpp's batches as they were timed", () => {
    const batched = [1, 4].map((pl) => ({
      source: "b.jsonl",
      json: { pp: 128, tg: 32, pl, is_pp_shared: 0, t_pp: 0.4 * pl, t_tg: 0.8 + 0.2 * pl },
    }));
    const alone = [
      { source: "l.json", json: { n_prompt: 512, n_gen: 0, avg_ns: 16e8 } },
      { source: "l.json", json: { n_prompt: 0, n_gen: 32, avg_ns: 32e7 } },
    ];
    const { file } = expectCluster(
      readVllmBench([...batched, ...alone], { ...OPTIONS, layers: 2 }),
    );
    const { promptSeconds, decodeSeconds } = file.machines["a100-80gb"]!.profile!;
    // Four prompts of 128 at once are 512 tokens, as one of 512 is: the mean of both.
    expect(promptSeconds).toEqual([
      [128, 0.2],
      [512, 0.8],
    ]);
    expect(decodeSeconds).toEqual([
      [1, expect.closeTo((1 / 32 + 0.01) / 4, 9)],
      [4, expect.closeTo(1.6 / 32 / 2, 9)],
    ]);
    const prompts = { source: "l.json", json: { n_prompt: 512, n_gen: 0, avg_ns: 2e9 } };
    expect(problemPaths(readVllmBench([prompts], OPTIONS))).toEqual(["n_gen"]);
    const both = { source: "l.json", json: { n_prompt: 512, n_gen: 32, avg_ns: 2e9 } };
    expect(problemPaths(readVllmBench([both], OPTIONS))).toEqual(["l.json"]);
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

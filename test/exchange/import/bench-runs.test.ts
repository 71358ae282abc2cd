import { describe, expect, it } from "vitest";
import { readBenchRun, splitBenchResults } from "../../../src/exchange/import/bench-runs.js";

const SERVE = {
  completed: 10,
  max_concurrency: 4,
  total_input_tokens: 5000,
  total_output_tokens: 1000,
  output_throughput: 200,
  median_ttft_ms: 50,
  median_tpot_ms: 20,
};

describe("results of serving benchmarks", () => {
  it("are read alone, as a list and one a line", () => {
    const text = JSON.stringify(SERVE);
    expect(splitBenchResults("a", text)).toHaveLength(1);
    expect(splitBenchResults("a", `[${text},${text}]`)).toHaveLength(2);
    expect(splitBenchResults("a", `${text}\n${text}\n${text}\n`)).toHaveLength(3);
    expect(() => splitBenchResults("a", "[]")).toThrow("an empty list");
    expect(() => splitBenchResults("a", `${text}\nnonsense`)).toThrow();
    expect(readBenchRun("a", SERVE)).toMatchObject({ promptTokens: 500, decoding: 4 });
  });

  it("are read from trtllm-bench with --streaming", () => {
    const run = {
      request_info: { avg_num_concurrent_requests: 7.9, avg_input_length: 128 },
      streaming_metrics: { avg_ttft_ms: 30, avg_tpot_ms: 10 },
      performance: { system_output_throughput_tok_s: 700 },
    };
    expect(readBenchRun("t", run)).toMatchObject({
      promptTokens: 128,
      decoding: 7,
      concurrency: 8,
    });
    const { streaming_metrics: _, ...batch } = run;
    expect(readBenchRun("t", batch)).toMatchObject([
      { found: expect.stringContaining("--streaming") },
    ]);
  });

  it.each([
    ["latency", { avg_latency: 1.2, latencies: [1.2] }],
    ["throughput", { elapsed_time: 10, tokens_per_second: 4000, num_requests: 9 }],
    ["one token a request", { ...SERVE, total_output_tokens: 9, median_tpot_ms: 0 }],
  ])("are refused for %s runs with what to run instead", (_, json) => {
    expect(readBenchRun("x", json)).toMatchObject([
      { remedy: expect.stringContaining("vllm bench serve") },
    ]);
  });
});

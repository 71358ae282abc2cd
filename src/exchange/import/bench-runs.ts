import type { Curve } from "../../core/capacity.js";
import type { Problem } from "../../core/errors.js";
import { parseJson } from "../../formats/parse-json.js";
import { InputError } from "../../core/errors.js";
import { asObject } from "./kubernetes-labels.js";
import type { JsonObject } from "./kubernetes-labels.js";

/** One run of a benchmark. */
export type BenchRun = ServingRun | BatchRun;

/** Requests that come and go, with their latencies. */
export interface ServingRun {
  readonly kind: "serving";
  readonly promptTokens: number;
  readonly firstTokenSeconds: number;
  readonly tokenSeconds: number;
  /** Sequences in decode on average, by Little's law. */
  readonly decoding: number;
  readonly requestsPerSecond: number | undefined;
  readonly concurrency: number | undefined;
}

/** Steps of batches timed by themselves: seconds by prompt tokens, and by sequences in decode. */
export interface BatchRun {
  readonly kind: "batches";
  readonly prompts: Curve;
  readonly decodes: Curve;
}

const EXPECTED =
  "a result of a serving benchmark, with times to the first and to every further token, or of llama.cpp's llama-bench or llama-batched-bench";
const MILLI = 1e-3;
const NANO = 1e-9;
const SERVE =
  "Run vllm bench serve --save-result (or sglang.bench_serving --output-file, trtllm-bench --streaming --report_json) with --max-concurrency and more than one output token.";

/**
 * Results of `vllm bench serve --save-result`, `sglang.bench_serving --output-file`,
 * `trtllm-bench --report_json`, `llama-bench -o json` and `llama-batched-bench --output-format jsonl`: one
 * JSON object, a list of them, or one a line (as they append).
 * @throws InputError when the text is no JSON at all, or a list of nothing.
 */
export function splitBenchResults(source: string, text: string): readonly unknown[] {
  let whole: unknown;
  try {
    whole = parseJson(source, text);
  } catch (error) {
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
    if (!(error instanceof InputError) || lines.length < 2 || !lines.every(looksLikeObject)) {
      throw error;
    }
    return lines.map((line, index) => parseJson(`${source}, line ${index + 1}`, line));
  }
  if (!Array.isArray(whole)) return [whole];
  if (whole.length === 0)
    throw new InputError(source, [
      { path: "", found: "an empty list", expected: EXPECTED, remedy: SERVE },
    ]);
  return whole;
}

function looksLikeObject(line: string): boolean {
  return /^\s*\{[^]*\}\s*$/.test(line);
}

/** One result as a run, or why it says nothing of latencies and what to run instead. */
export function readBenchRun(source: string, json: unknown): BenchRun | readonly Problem[] {
  const result = asObject(json) ?? {};
  const refuse = (found: string): readonly Problem[] => [
    { path: source, found, expected: EXPECTED, remedy: SERVE },
  ];
  if ("avg_latency" in result)
    return refuse("a run of vllm bench latency, which times whole batches");
  if ("tokens_per_second" in result && "elapsed_time" in result) {
    return refuse("a run of vllm bench throughput, which has no latencies");
  }
  if ("t_pp" in result && "t_tg" in result) return readBatchedBench(result, refuse);
  if ("n_gen" in result && "avg_ns" in result) return readLlamaBench(result, refuse);
  return "streaming_metrics" in result || "request_info" in result
    ? readTensorRtRun(result, refuse)
    : readServeRun(source, result, refuse);
}

type Refuse = (found: string) => readonly Problem[];

/** A line of `llama-batched-bench`: `pl` prompts of `pp` tokens at once, then `tg` tokens of each. */
function readBatchedBench(result: JsonObject, refuse: Refuse): BenchRun | readonly Problem[] {
  const [prompt, tokens, sequences] = [result.pp, result.tg, result.pl].map(positive);
  const [promptSeconds, decodeSeconds] = [result.t_pp, result.t_tg].map(positive);
  if (prompt === undefined || tokens === undefined || sequences === undefined) {
    return refuse("a line of llama-batched-bench without prompts or without decodes");
  }
  if (promptSeconds === undefined || decodeSeconds === undefined) {
    return refuse("a line of llama-batched-bench without times");
  }
  const together = result.is_pp_shared === 1 ? prompt : prompt * sequences;
  return {
    kind: "batches",
    prompts: [[together, promptSeconds]],
    decodes: [[sequences, decodeSeconds / tokens]],
  };
}

/** A test of `llama-bench`: so many tokens of a prompt, or so many of one sequence, or both in turn. */
function readLlamaBench(result: JsonObject, refuse: Refuse): BenchRun | readonly Problem[] {
  const [prompt, tokens, nanos] = [result.n_prompt, result.n_gen, result.avg_ns].map(positive);
  const both = prompt !== undefined && tokens !== undefined;
  if (nanos === undefined || both || (prompt ?? tokens) === undefined) {
    return refuse(
      "a test of llama-bench for prompts and tokens together, whose times are not apart",
    );
  }
  const seconds = nanos * NANO;
  return {
    kind: "batches",
    prompts: prompt === undefined ? [] : [[prompt, seconds]],
    decodes: tokens === undefined ? [] : [[1, seconds / tokens]],
  };
}

function readServeRun(
  source: string,
  result: JsonObject,
  refuse: Refuse,
): BenchRun | readonly Problem[] {
  const field = (...keys: readonly string[]): number | undefined =>
    keys.map((key) => positive(result[key])).find((value) => value !== undefined);
  const completed = field("completed");
  const output = field("total_output_tokens", "total_output");
  if (completed !== undefined && output !== undefined && output / completed < 2) {
    return refuse(
      `${(output / completed).toFixed(1)} output tokens a request: nothing was decoded`,
    );
  }
  const tokenMillis = field("median_tpot_ms", "mean_tpot_ms");
  const firstMillis = field("median_ttft_ms", "mean_ttft_ms");
  const input = field("total_input_tokens", "total_input");
  const rate = field("output_throughput");
  const missing = Object.entries({
    median_tpot_ms: tokenMillis,
    median_ttft_ms: firstMillis,
    completed,
    total_input_tokens: input,
    output_throughput: rate,
  }).filter(([, value]) => value === undefined);
  if (missing.length > 0) {
    return missing.map(([key]) => ({
      path: `${source}: ${key}`,
      found: JSON.stringify(result[key]) ?? "nothing",
      expected: "a positive number",
      remedy: SERVE,
    }));
  }
  const tokenSeconds = tokenMillis! * MILLI;
  return {
    kind: "serving",
    promptTokens: input! / completed!,
    firstTokenSeconds: firstMillis! * MILLI,
    tokenSeconds,
    decoding: Math.max(1, rate! * tokenSeconds),
    requestsPerSecond: output === undefined ? undefined : (rate! * completed!) / output,
    concurrency: positive(result.max_concurrency),
  };
}

/** `trtllm-bench throughput --streaming --report_json`; without --streaming it has no latencies. */
function readTensorRtRun(result: JsonObject, refuse: Refuse): BenchRun | readonly Problem[] {
  const requests = asObject(result.request_info);
  const streaming = asObject(result.streaming_metrics);
  const performance = asObject(result.performance);
  const promptTokens = positive(requests?.avg_input_length);
  const first = positive(streaming?.avg_ttft_ms);
  const token = positive(streaming?.avg_tpot_ms);
  const rate = positive(performance?.system_output_throughput_tok_s);
  if (first === undefined || token === undefined) {
    return refuse("a run of trtllm-bench without --streaming, which has no latencies");
  }
  if (promptTokens === undefined || rate === undefined) {
    return refuse(
      "a run of trtllm-bench without avg_input_length or system_output_throughput_tok_s",
    );
  }
  const tokenSeconds = token * MILLI;
  const concurrency = positive(requests?.avg_num_concurrent_requests);
  return {
    kind: "serving",
    promptTokens,
    firstTokenSeconds: first * MILLI,
    tokenSeconds,
    decoding: Math.max(1, rate * tokenSeconds),
    requestsPerSecond: positive(performance?.request_throughput_req_s),
    concurrency: concurrency === undefined ? undefined : Math.round(concurrency),
  };
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;
}

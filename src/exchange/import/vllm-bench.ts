import type { Problem } from "../../core/errors.js";
import type { Curve } from "../../core/capacity.js";
import type { ClusterFile } from "../../formats/cluster-schema.js";
import { CLUSTER_FORMAT } from "../../formats/cluster-schema.js";
import { modelEntry } from "./build-cluster-file.js";
import type { ImportOutcome } from "./import-outcome.js";

/** One result file of `vllm bench serve --save-result`, parsed. */
export interface BenchResult {
  readonly source: string;
  readonly json: unknown;
}

export interface BenchOptions {
  readonly name: string;
  readonly model: string;
  /** Layers of the model. */
  readonly layers: number;
  /** Layers that the benchmarked server held; all of them by default. */
  readonly heldLayers?: number;
  readonly gpu: string;
  readonly gpus: number;
}

interface Run {
  readonly promptTokens: number;
  readonly firstTokenSeconds: number;
  readonly tokenSeconds: number;
  /** Sequences in decode on average, by Little's law. */
  readonly decoding: number;
  readonly concurrency: number | undefined;
}

const MILLI = 1e-3;

/**
 * Results of one server at several concurrencies → measured curves of its machine. A run with one
 * request at a time gives a prompt sample (time to the first token); every run gives a decode sample
 * (time per token at output rate × time per token sequences). Both are divided by the layers held.
 */
export function readVllmBench(
  results: readonly BenchResult[],
  options: BenchOptions,
): ImportOutcome {
  const problems: Problem[] = [];
  const runs = results.flatMap((result) => readRun(result, problems));
  const alone = runs.filter(({ concurrency }) => concurrency === 1);
  if (problems.length === 0 && alone.length === 0) {
    problems.push({
      path: "max_concurrency",
      found: "no run with one request at a time",
      expected: "at least one, for the prompt curve",
      remedy:
        "Run vllm bench serve --max-concurrency 1 --save-result too, at two prompt lengths if you can.",
    });
  }
  if (problems.length > 0) return { kind: "problems", problems };
  const held = options.heldLayers ?? options.layers;
  const prompt = toCurve(alone.map((run) => [run.promptTokens, run.firstTokenSeconds / held]));
  const decode = toCurve(runs.map((run) => [run.decoding, run.tokenSeconds / held]));
  const count = Math.max(1, Math.ceil(options.layers / held));
  const machine =
    options.gpus === 1
      ? options.gpu.toLowerCase()
      : `${options.gpu.toLowerCase()}-x${options.gpus}`;
  const file: ClusterFile = {
    format: CLUSTER_FORMAT,
    name: options.name,
    model: modelEntry(options.model),
    workload: "azure-conversation",
    machines: {
      [machine]: {
        gpu: options.gpu,
        gpus: options.gpus,
        profile: { promptSeconds: asPoints(prompt), decodeSeconds: asPoints(decode) },
      },
    },
    nodes: [{ id: machine, machine, ...(count === 1 ? {} : { count }) }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
  };
  return { kind: "cluster", file, assumptions: assumptionsOf(alone, runs, held, count) };
}

function assumptionsOf(
  alone: readonly Run[],
  runs: readonly Run[],
  held: number,
  count: number,
): readonly string[] {
  return [
    `curves: ${alone.length} prompt and ${runs.length} decode samples over ${held} layers; embedding and head are spread over the layers`,
    "KV cache: estimated from the GPU's memory",
    `nodes: ${count}, as many as hold the model by the layers measured`,
    "network: 10 Gb/s and 1 ms (nothing was measured)",
    "workload: azure-conversation (763 prompt and 232 output tokens on average)",
  ];
}

function readRun({ source, json }: BenchResult, problems: Problem[]): readonly Run[] {
  const object = typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
  const field = (...keys: readonly string[]): number => {
    for (const key of keys) {
      const value = object[key];
      if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
    }
    problems.push({
      path: `${source}: ${keys[0]!}`,
      found: JSON.stringify(object[keys[0]!]) ?? "nothing",
      expected: "a positive number",
      remedy: "Give the file that vllm bench serve --save-result writes.",
    });
    return 1;
  };
  const completed = field("completed");
  const tokenSeconds = field("median_tpot_ms", "mean_tpot_ms") * MILLI;
  const firstTokenSeconds = field("median_ttft_ms", "mean_ttft_ms") * MILLI;
  const promptTokens = field("total_input_tokens") / completed;
  const decoding = Math.max(1, field("output_throughput") * tokenSeconds);
  const concurrency = object.max_concurrency;
  return [
    {
      promptTokens,
      firstTokenSeconds,
      tokenSeconds,
      decoding,
      concurrency: typeof concurrency === "number" ? concurrency : undefined,
    },
  ];
}

/** Samples in ascending x; samples of the same x are averaged. */
function toCurve(samples: readonly (readonly [number, number])[]): Curve {
  const byX = new Map<number, number[]>();
  for (const [x, y] of samples) byX.set(x, [...(byX.get(x) ?? []), y]);
  return [...byX]
    .map(([x, ys]) => [x, ys.reduce((sum, y) => sum + y, 0) / ys.length] as const)
    .sort((a, b) => a[0] - b[0]);
}

function asPoints(curve: Curve): [number, number][] {
  return curve.map(([x, y]) => [x, y]);
}

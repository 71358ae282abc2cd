import type { Problem } from "../../core/errors.js";
import type { Curve } from "../../core/capacity.js";
import { curveAt } from "../../hardware/curve.js";
import type { ClusterFile } from "../../formats/cluster-schema.js";
import { CLUSTER_FORMAT } from "../../formats/cluster-schema.js";
import { modelEntry } from "./build-cluster-file.js";
import { readBenchRun } from "./bench-runs.js";
import type { BenchRun, ServingRun } from "./bench-runs.js";
import type { ImportOutcome } from "./import-outcome.js";

/** One result of a serving benchmark, parsed. */
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

/**
 * Results of one server at several concurrencies → measured curves of its machine. A run with one
 * request at a time gives a prompt sample (time to the first token); every run gives a decode sample
 * (time per token, less the share of it in which the server runs other requests' prompts, at output rate ×
 * time per token sequences). Batches that were timed by themselves are samples as they are. All are divided
 * by the layers held.
 */
export function readVllmBench(
  results: readonly BenchResult[],
  options: BenchOptions,
): ImportOutcome {
  const { runs, leftOut } = readRuns(results);
  const held = options.heldLayers ?? options.layers;
  const perLayer = ([x, seconds]: Sample): Sample => [x, seconds / held];
  const prompts = runs.flatMap(promptSamples);
  const prompt = toCurve(prompts.map(perLayer));
  const decodes = runs.flatMap((run) => decodeSamples(run, toCurve(prompts)));
  const decode = toCurve(decodes.map(perLayer));
  if (prompt.length === 0 || decode.length === 0) {
    const missing = prompt.length === 0 ? NONE_ALONE : NONE_DECODED;
    return { kind: "problems", problems: runs.length === 0 ? leftOut : [...leftOut, missing] };
  }
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
  const assumptions = assumptionsOf([prompts.length, decodes.length], held, count);
  return { kind: "cluster", file, assumptions, leftOut };
}

const NONE_ALONE: Problem = {
  path: "max_concurrency",
  found: "no run with one request at a time",
  expected: "at least one, for the prompt curve",
  remedy:
    "Run vllm bench serve --max-concurrency 1 --save-result too, at two prompt lengths if you can.",
};

const NONE_DECODED: Problem = {
  path: "n_gen",
  found: "prompts only",
  expected: "at least one run that decodes",
  remedy: "Give the results of llama-batched-bench, or of llama-bench with -n 32 too.",
};

type Sample = Curve[number];

function promptSamples(run: BenchRun): readonly Sample[] {
  if (run.kind === "batches") return run.prompts;
  return run.concurrency === 1 ? [[run.promptTokens, run.firstTokenSeconds]] : [];
}

/** @param prompt seconds of all layers held. */
function decodeSamples(run: BenchRun, prompt: Curve): readonly Sample[] {
  if (run.kind === "batches") return run.decodes;
  return [[run.decoding, run.tokenSeconds * (1 - promptShare(run, prompt))]];
}

/** The longest share of a decoding request's time that is believed to go by with other requests' prompts. */
const MOST_PROMPT_SHARE = 0.9;

/**
 * While a request decodes, the others' prompts come in between: each takes the server its own time, and of n
 * requests in turn n − 1 are others. A batch's decode time does not hold them: the simulator adds them again.
 */
function promptShare(run: ServingRun, prompt: Curve): number {
  const { concurrency, requestsPerSecond } = run;
  if (concurrency === undefined || requestsPerSecond === undefined || prompt.length === 0) return 0;
  const others = (requestsPerSecond * (concurrency - 1)) / concurrency;
  return Math.min(MOST_PROMPT_SHARE, others * curveAt(prompt, run.promptTokens, "through-zero"));
}

/** The runs; results that are none are told apart, and the rest is kept. */
function readRuns(results: readonly BenchResult[]): {
  readonly runs: readonly BenchRun[];
  readonly leftOut: readonly Problem[];
} {
  const runs: BenchRun[] = [];
  const leftOut: Problem[] = [];
  for (const { source, json } of results) {
    const run = readBenchRun(source, json);
    if ("kind" in run) runs.push(run);
    else leftOut.push(...run);
  }
  return { runs, leftOut };
}

function assumptionsOf(
  [prompts, decodes]: readonly [prompts: number, decodes: number],
  held: number,
  count: number,
): readonly string[] {
  return [
    `curves: ${prompts} prompt and ${decodes} decode samples over ${held} layers; embedding and head are spread over the layers`,
    "KV cache: estimated from the GPU's memory",
    `nodes: ${count}, as many as hold the model by the layers measured`,
    "network: 10 Gb/s and 1 ms (nothing was measured)",
    "workload: azure-conversation (763 prompt and 232 output tokens on average)",
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

/** What a serving engine adds to the work of the cards. Seconds; fit and tables: docs/profiling.md. */
export interface EngineOverhead {
  /** Every step: scheduling, sampling, detokenizing. */
  readonly stepSeconds: number;
  /** Every layer: starts of the kernels between the products and of attention. */
  readonly layerSeconds: number;
  /** Every layer with routed experts: routing and permuting. */
  readonly expertSeconds: number;
  /** How much of other requests' prompts a decoding request waits for: 1 all, less where steps are mixed. */
  readonly promptShare: number;
  /** First token: seconds, and prompts ahead of one's own, at the start and for each concurrent request. */
  readonly firstToken: {
    readonly seconds: number;
    readonly prompts: number;
    readonly promptsPerRequest: number;
  };
}

/** µs a step, a layer, an expert layer · share of prompts · ms, prompts, prompts per request. */
type Row = readonly [
  step: number,
  layer: number,
  expert: number,
  share: number,
  first: number,
  prompts: number,
  perRequest: number,
];

const MICRO = 1e-6;
const MILLI = 1e-3;

/**
 * By engine, and by the start of its version where that differs. Fitted on half of 1,600 whole serving
 * runs (aiconfigurator's silicon samples, Apache-2.0) by bench/fit-engines.ts.
 */
const FITTED: readonly (readonly [engine: string, version: string, row: Row])[] = [
  ["trtllm", "1.", [139, 18, 5.34, 0.879, 22.6, 2.73, 0.0605]],
  ["trtllm", "", [575, 4.05, 91.6, 0.737, 78.3, 0.7, 0.0521]],
  ["sglang", "0.5.1", [1340, 8.7, 10, 0.49, 20.4, 3.67, 0.45]],
  ["sglang", "0.5.9", [2010, 17.8, 10, 0.802, 171, 0.462, 0.133]],
  ["sglang", "", [3170, 18.6, 12.3, 0.993, 19.8, 13.2, 0.108]],
  ["vllm", "0.", [1270, 18.2, 8.63, 0.936, 13.2, 2.05, 0.0724]],
  ["vllm", "", [466, 16.2, 37.5, 0.709, 63, 0.595, 0.0643]],
];

/** Who measured TensorRT-LLM calls it by the name of its commands. */
const MEASURED_AS: Readonly<Record<string, string>> = { "tensorrt-llm": "trtllm" };

/** Whether an engine's overhead was measured, in whatever version. O(engines). */
export function isMeasuredEngine(given: string): boolean {
  return FITTED.some(([name]) => name === (MEASURED_AS[given] ?? given));
}

/** The overhead of an engine; that of vLLM for one that was not measured. O(engines). */
export function engineOverhead(given: string = "vllm", version: string = ""): EngineOverhead {
  const engine = MEASURED_AS[given] ?? given;
  const [, , row] =
    FITTED.find(([name, start]) => name === engine && start !== "" && version.startsWith(start)) ??
    FITTED.find(([name, start]) => name === engine && start === "") ??
    FITTED.at(-1)!;
  return overheadFrom(row);
}

/** One row as an overhead. */
export function overheadFrom(row: Row): EngineOverhead {
  const [step, layer, expert, promptShare, first, prompts, promptsPerRequest] = row;
  return {
    stepSeconds: step * MICRO,
    layerSeconds: layer * MICRO,
    expertSeconds: expert * MICRO,
    promptShare,
    firstToken: { seconds: first * MILLI, prompts, promptsPerRequest },
  };
}

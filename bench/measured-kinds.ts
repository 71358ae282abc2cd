import type { Model } from "../src/core/model.js";
import { allReduceSeconds } from "../src/hardware/all-reduce.js";
import type { AllReducePath } from "../src/hardware/all-reduce.js";
import { engineOverhead } from "../src/hardware/engine-overhead.js";
import type { EngineOverhead } from "../src/hardware/engine-overhead.js";
import { findGpu } from "../src/hardware/find-gpu.js";
import type { GpuGroup } from "../src/hardware/gpu-group.js";
import { layerCosts } from "../src/hardware/layer-cost.js";
import { elementwiseSeconds, productSeconds } from "../src/hardware/layer-seconds.js";
import { estimateServingRun } from "../src/hardware/serving-run.js";
import { measuredModel } from "./measured-models.js";
import { readMeasuredRows } from "./measured-rows.js";
import type { MeasuredRow } from "./measured-rows.js";
import { allReduceBefore, layerBefore, perTokenBefore, productsBefore } from "./roofline-before.js";

/** One measurement with what was and what is estimated for it; seconds. */
export interface Comparison {
  readonly kind: string;
  readonly card: string;
  readonly engine: string;
  readonly model: string;
  /** What else must be equal for two cards to be compared. */
  readonly load: string;
  readonly measured: number;
  readonly before: number | undefined;
  readonly after: number;
  readonly fitted: boolean;
}

/** Cards of the tables by the catalogue's names. */
const CARDS: Readonly<Record<string, string>> = {
  a100: "A100-80GB",
  a100_sxm: "A100-80GB",
  h100: "H100-80GB",
  h100_sxm: "H100-80GB",
  h200_sxm: "H200-141GB",
  b200_sxm: "B200-180GB",
  b300_sxm: "B300-288GB",
  gb200: "GB200-186GB",
  gb300: "GB300-288GB",
  rtx_pro_6000_server: "RTX-PRO-6000-Server",
  b60: "Arc-Pro-B60",
};

/** Up to this many tokens a batch is one of decode steps; around it stands the knee. */
const MOST_DECODED = 256;
const KNEE = [192, 384] as const;
/** Starts of the kernels between the products, where nothing records them in a graph. */
const EAGER_LAYER_SECONDS = 12e-6;
/** Cards of one machine with direct links between all of them. */
const MOST_CARDS = 8;

function groupOf(row: MeasuredRow, gpus: number): GpuGroup | undefined {
  const name = row.text.gpu!;
  const gpu = findGpu(CARDS[name] ?? name.replaceAll("_", " "));
  if (gpu === undefined) return undefined;
  return { gpu, gpus, interconnect: gpu.directBytesPerSecond === undefined ? "pcie" : "nvlink" };
}

function kindOf(what: string, tokens: number): string {
  if (tokens >= KNEE[0] && tokens <= KNEE[1]) return `${what}, knee`;
  return tokens <= MOST_DECODED ? `${what}, decode` : `${what}, prompt`;
}

/** Matrix products of one layer, and whole layers without attention. */
export function compareLayers(folder: string, modelsFolder?: string): readonly Comparison[] {
  const products = readMeasuredRows(folder, "layer-gemm.csv").map((row) => ({
    row,
    what: "products",
    weights: row.text.weights!,
    seconds: row.number("gemmMs") * 1e-3,
  }));
  const layers = readMeasuredRows(folder, "layer-seconds.csv").map((row) => ({
    row,
    what: "layer",
    weights: "",
    seconds: row.number("layerMicroseconds") * 1e-6,
  }));
  return [...products, ...layers].flatMap(({ row, what, weights, seconds }) => {
    const tokens = row.number("tokens");
    const group = groupOf(row, row.number("tensorParallel"));
    const model = measuredModel(row.text.model!, weights, modelsFolder);
    if (group === undefined || model === undefined) return [];
    const cost = layerCosts(model).at(-1)!;
    const decoding = tokens <= MOST_DECODED;
    const pass = { group, cost, hiddenSize: model.activationBytes / 2, tokens, decoding };
    const whole = what === "layer";
    return [
      {
        kind: kindOf(what, tokens),
        card: group.gpu.name,
        engine: row.text.engine ?? "vidur",
        model: `${row.text.model!} ${weights}`.trim(),
        load: `${group.gpus} ${tokens}`,
        measured: seconds,
        before: whole
          ? layerBefore(group, cost, tokens)
          : productsBefore(group, cost, tokens, decoding),
        after: productSeconds(pass) + (whole ? elementwiseSeconds(pass) + EAGER_LAYER_SECONDS : 0),
        fitted: row.fitted,
      },
    ];
  });
}

const PATHS: Readonly<Record<string, AllReducePath>> = {
  vllm_graph: "graph",
  vllm_eager: "eager",
  NCCL: "nccl",
};

export function compareAllReduce(folder: string): readonly Comparison[] {
  return readMeasuredRows(folder, "all-reduce.csv").flatMap((row) => {
    const group = groupOf(row, row.number("gpus"));
    const path = PATHS[row.text.backend!];
    if (group === undefined || path === undefined) return [];
    const bytes = 2 * row.number("elements");
    return [
      {
        kind: `all-reduce, ${group.gpus}`,
        card: group.gpu.name,
        engine: row.text.backend!,
        model: "",
        load: `${group.gpus} ${bytes}`,
        measured: row.number("ms") * 1e-3,
        before: allReduceBefore(group, bytes),
        after: allReduceSeconds(group, bytes, path),
        fitted: row.fitted,
      },
    ];
  });
}

/** A whole serving run of the tables. */
export interface MeasuredRun {
  readonly row: MeasuredRow;
  readonly group: GpuGroup;
  readonly model: Model;
}

/** TensorRT-LLM runs quantized checkpoints with a cache in 8 bits; where its cache fills up shows it. */
function cacheType(engine: string, weights: string): string {
  return engine === "trtllm" && weights !== "" ? "fp8" : "bf16";
}

/**
 * Whole runs without data parallelism of attention, one stage, cards of one machine. Where tensor
 * parallelism is given as the product of two degrees of experts, both above 1, the same runs stand
 * beside them under the smaller number: that is the group.
 */
export function measuredRuns(folder: string, modelsFolder?: string): readonly MeasuredRun[] {
  return readMeasuredRows(folder, "serving.csv").flatMap((row) => {
    const { attentionDataParallel, pipelineParallel } = row.text;
    if (!["", "1"].includes(attentionDataParallel!) || pipelineParallel !== "1") return [];
    const given = row.number("tensorParallel");
    const split = row.number("expertTensorParallel");
    const product = split * row.number("expertParallel");
    const gpus = given > MOST_CARDS && product === given ? split : given;
    const group = groupOf(row, gpus);
    const { weights, engine } = row.text;
    const model = measuredModel(
      row.text.model!,
      weights!,
      modelsFolder,
      cacheType(engine!, weights!),
    );
    return group === undefined || model === undefined || gpus > MOST_CARDS
      ? []
      : [{ row, group, model }];
  });
}

/** What a run is estimated to take; the engine's overhead unless another is given. */
export function estimateRun({ row, group, model }: MeasuredRun, overhead?: EngineOverhead) {
  return estimateServingRun({
    group,
    model,
    overhead: overhead ?? engineOverhead(row.text.engine, row.text.engineVersion),
    promptTokens: row.number("promptTokens"),
    outputTokens: row.number("outputTokens"),
    concurrency: row.number("concurrency"),
  });
}

export function compareRuns(folder: string, modelsFolder?: string): readonly Comparison[] {
  return measuredRuns(folder, modelsFolder).flatMap((run) => {
    const { row, group, model } = run;
    const estimate = estimateRun(run);
    const promptTokens = row.number("promptTokens");
    const outputTokens = row.number("outputTokens");
    const batch = row.number("concurrency");
    const shared = {
      card: group.gpu.name,
      engine: row.text.engine!,
      model: `${row.text.model!} ${row.text.weights!}`.trim(),
      load: `${group.gpus} ${promptTokens} ${outputTokens} ${batch}`,
      fitted: row.fitted,
    };
    const load = { promptTokens, outputTokens, batch };
    return [
      {
        ...shared,
        kind: "time per token",
        measured: row.number("tpotMs") * 1e-3,
        before: perTokenBefore(group, model, layerCosts(model), load),
        after: estimate.perTokenSeconds,
      },
      {
        ...shared,
        kind: "time to first token",
        measured: row.number("ttftMs") * 1e-3,
        before: undefined,
        after: estimate.firstTokenSeconds,
      },
    ];
  });
}

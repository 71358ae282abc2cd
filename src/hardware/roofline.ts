import type { Model, Workload } from "../core/model.js";
import type { Curves } from "../core/capacity.js";
import type { Gpu } from "./gpu.js";
import { layerCosts } from "./layer-cost.js";
import type { LayerCost } from "./layer-cost.js";
import {
  ALL_REDUCE_LATENCY_SECONDS,
  DEFAULT_SUSTAINED_SHARE,
  DIRECT_LINK_EFFICIENCY,
  FITTED_FACTORS,
  LAYER_OVERHEAD_SECONDS,
} from "./roofline-factors.js";
import type { RooflineFactors } from "./roofline-factors.js";

/** GPUs that share every layer of a node (tensor parallel). */
export interface GpuGroup {
  readonly gpu: Gpu;
  readonly gpus: number;
  readonly interconnect: "nvlink" | "pcie";
}

/** All-reduces per layer: after attention and after the feed-forward block. */
const ALL_REDUCES_PER_LAYER = 2;

const PROMPT_SAMPLES = [1, 32, 128, 256, 512, 768, 1024, 1536, 2048, 4096, 8192, 16_384];
const DECODE_SAMPLES = [1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024];

/**
 * Estimated seconds for one layer of the model (the mean one where layers differ) on a group of
 * GPUs, by prompt tokens and by decoded sequences in the batch. Formulas: docs/profiling.md.
 */
export function estimateCurves(
  group: GpuGroup,
  model: Model,
  workload: Workload,
  factors: RooflineFactors = FITTED_FACTORS,
): Curves {
  const costs = layerCosts(model);
  const mean = (seconds: (cost: LayerCost) => number): number =>
    costs.reduce((sum, cost) => sum + cost.count * seconds(cost), 0) / model.layers;
  return {
    promptSeconds: PROMPT_SAMPLES.map((tokens) => [
      tokens,
      mean((cost) => promptLayerSeconds(group, model, cost, workload, tokens, factors)),
    ]),
    decodeSeconds: DECODE_SAMPLES.map((sequences) => [
      sequences,
      mean((cost) => decodeLayerSeconds(group, model, cost, workload, sequences, factors)),
    ]),
  };
}

/** Seconds of one layer for a batch of `tokens` prompt tokens, prompts of the workload's mean length. */
export function promptLayerSeconds(
  group: GpuGroup,
  model: Model,
  cost: LayerCost,
  workload: Workload,
  tokens: number,
  factors: RooflineFactors,
): number {
  const context = Math.min(tokens, workload.promptTokens) / 2;
  const seen = Math.min(context, cost.kvWindow ?? Infinity);
  const flops = tokens * (cost.flopsPerToken + cost.attentionFlops * seen);
  const compute = flops / (sustainedFlops(group, cost) * factors.promptCompute);
  const memory = weightBytesRead(cost, tokens) / (bandwidth(group) * factors.memory);
  return (
    softMaximum(compute, memory, factors.overlap) +
    LAYER_OVERHEAD_SECONDS +
    allReduceSeconds(group, model, tokens, factors)
  );
}

/** Seconds of one layer for one decode step of `sequences`, each halfway through its output. */
export function decodeLayerSeconds(
  group: GpuGroup,
  model: Model,
  cost: LayerCost,
  workload: Workload,
  sequences: number,
  factors: RooflineFactors,
): number {
  const context = workload.promptTokens + workload.outputTokens / 2;
  const compute =
    (sequences * cost.flopsPerToken) / (sustainedFlops(group, cost) * factors.decodeCompute);
  const memory = weightBytesRead(cost, sequences) / (bandwidth(group) * factors.memory);
  const cached = sequences * bytesCached(group, cost, context);
  return (
    softMaximum(compute, memory, factors.overlap) +
    cached / (bandwidth(group) * factors.memory) +
    LAYER_OVERHEAD_SECONDS +
    allReduceSeconds(group, model, sequences, factors)
  );
}

/** How many times the group holds a cache of so many heads: none is split further than one per GPU. */
export function kvReplication(group: GpuGroup, heads: number | undefined): number {
  return heads === undefined ? 1 : Math.max(1, group.gpus / heads);
}

/** What one step reads (and of states writes) of what a layer keeps of a sequence. */
function bytesCached(group: GpuGroup, cost: LayerCost, context: number): number {
  const seen = Math.min(context, cost.kvWindow ?? Infinity);
  return seen * cost.kvBytesPerToken * kvReplication(group, cost.cacheHeads) + 2 * cost.stateBytes;
}

/** Experts are visited independently: a batch of n tokens misses one with probability (1−share)^n. */
function weightBytesRead(cost: LayerCost, tokens: number): number {
  return cost.sharedBytes + cost.expertBytes * (1 - (1 - cost.expertShare) ** tokens);
}

/** A ring all-reduce sends 2(g−1)/g of its data from every GPU. */
function allReduceSeconds(
  group: GpuGroup,
  model: Model,
  tokens: number,
  factors: RooflineFactors,
): number {
  const { gpu, gpus, interconnect } = group;
  if (gpus === 1) return 0;
  const direct = interconnect === "nvlink" ? gpu.directBytesPerSecond : undefined;
  const rate = direct === undefined ? factors.pcieBytesPerSecond : direct * DIRECT_LINK_EFFICIENCY;
  const latency = ALL_REDUCE_LATENCY_SECONDS[direct === undefined ? "pcie" : "nvlink"];
  const sent = ((2 * (gpus - 1)) / gpus) * tokens * model.activationBytes;
  return ALL_REDUCES_PER_LAYER * (sent / rate + latency);
}

function bandwidth(group: GpuGroup): number {
  return group.gpus * group.gpu.bandwidthBytesPerSecond;
}

function sustainedFlops(group: GpuGroup, cost: LayerCost): number {
  const { gpu, gpus } = group;
  const peak = cost.eightBit ? (gpu.fp8FlopsPerSecond ?? gpu.flopsPerSecond) : gpu.flopsPerSecond;
  return gpus * peak * (gpu.sustainedShare ?? DEFAULT_SUSTAINED_SHARE);
}

function softMaximum(a: number, b: number, exponent: number): number {
  const larger = Math.max(a, b);
  const ratio = Math.min(a, b) / larger;
  return larger * (1 + ratio ** exponent) ** (1 / exponent);
}

import type { Model, Workload } from "../core/model.js";
import type { Curves } from "../core/capacity.js";
import { allReduceSeconds } from "./all-reduce.js";
import { engineOverhead } from "./engine-overhead.js";
import type { EngineOverhead } from "./engine-overhead.js";
import { efficiencyOf } from "./card-efficiency.js";
import type { CardEfficiency } from "./card-efficiency.js";
import type { GpuGroup } from "./gpu-group.js";
import { layerCosts } from "./layer-cost.js";
import type { LayerCost } from "./layer-cost.js";
import { elementwiseSeconds, productSeconds } from "./layer-seconds.js";

export type { GpuGroup } from "./gpu-group.js";

/** All-reduces per layer: after attention and after the feed-forward block. */
const ALL_REDUCES_PER_LAYER = 2;
const ACTIVATION_BYTES = 2;

/** Attention over the cache reads it at this share of the bandwidth that weights are read with. */
const ATTENTION_MEMORY = 0.9;
/** Attention over prompts runs at this share of the rate of products in 16 bits. */
const ATTENTION_COMPUTE = 0.7;

const PROMPT_SAMPLES = [1, 32, 128, 256, 512, 768, 1024, 1536, 2048, 4096, 8192, 16_384];
const DECODE_SAMPLES = [1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024];

/** A layer of a model on a group of cards. */
export interface LayerOnGroup {
  readonly group: GpuGroup;
  readonly model: Model;
  readonly cost: LayerCost;
  /** Of the engine unless given. */
  readonly overhead?: EngineOverhead;
  /** Of the card unless given. */
  readonly efficiency?: CardEfficiency;
}

/**
 * Estimated seconds for one layer of the model (the mean one where layers differ) on a group of
 * GPUs, by prompt tokens and by decoded sequences in the batch; what an engine takes for a step is
 * spread over the layers of the model. Formulas: docs/profiling.md.
 */
export function estimateCurves(
  group: GpuGroup,
  model: Model,
  workload: Workload,
  overhead = engineOverhead(),
): Curves {
  const costs = layerCosts(model);
  const mean = (seconds: (layer: LayerOnGroup) => number): number =>
    (overhead.stepSeconds +
      costs.reduce(
        (sum, cost) => sum + cost.count * seconds({ group, model, cost, overhead }),
        0,
      )) /
    model.layers;
  const { promptTokens, outputTokens } = workload;
  return {
    promptSeconds: PROMPT_SAMPLES.map((tokens) => [
      tokens,
      mean((layer) => promptLayerSeconds(layer, tokens, promptTokens)),
    ]),
    decodeSeconds: DECODE_SAMPLES.map((sequences) => [
      sequences,
      mean((layer) => decodeLayerSeconds(layer, sequences, promptTokens + outputTokens / 2)),
    ]),
  };
}

/** Seconds of one layer for a batch of `tokens` prompt tokens, of prompts of `length` tokens each. */
export function promptLayerSeconds(layer: LayerOnGroup, tokens: number, length: number): number {
  const { group, cost, model } = layer;
  const context = Math.min(tokens, length) / 2;
  const seen = Math.min(context, cost.kvWindow ?? Infinity);
  const efficiency = layer.efficiency ?? efficiencyOf(group.gpu);
  const rate = group.gpus * group.gpu.flopsPerSecond * efficiency.compute[16] * ATTENTION_COMPUTE;
  return (
    blockSeconds(layer, tokens, false) +
    (tokens * cost.attentionFlops * seen) / rate +
    sumSeconds(group, model, tokens)
  );
}

/** Seconds of one layer for one decode step of `sequences` with `context` tokens each in the cache. */
export function decodeLayerSeconds(
  layer: LayerOnGroup,
  sequences: number,
  context: number,
): number {
  const { group, cost, model } = layer;
  const efficiency = layer.efficiency ?? efficiencyOf(group.gpu);
  const cached = sequences * bytesCached(group, cost, context);
  const rate = group.gpus * group.gpu.bandwidthBytesPerSecond * efficiency.memory;
  return (
    blockSeconds(layer, sequences, true) +
    cached / (rate * ATTENTION_MEMORY) +
    sumSeconds(group, model, sequences)
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

/** Everything of a layer but attention over the context and sums over cards. */
function blockSeconds(layer: LayerOnGroup, tokens: number, decoding: boolean): number {
  const { group, cost, model, efficiency } = layer;
  const overhead = layer.overhead ?? engineOverhead();
  const hiddenSize = model.activationBytes / ACTIVATION_BYTES;
  const pass = {
    group,
    cost,
    hiddenSize,
    tokens,
    decoding,
    expertSeconds: overhead.expertSeconds,
    ...(efficiency === undefined ? {} : { efficiency }),
  };
  return productSeconds(pass) + elementwiseSeconds(pass) + overhead.layerSeconds;
}

function sumSeconds(group: GpuGroup, model: Model, tokens: number): number {
  return ALL_REDUCES_PER_LAYER * allReduceSeconds(group, tokens * model.activationBytes);
}

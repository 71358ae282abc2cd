import type { Model, Workload } from "../core/model.js";
import { GIGA } from "../core/units.js";
import { kvReplication } from "./roofline.js";
import type { GpuGroup } from "./roofline.js";

/** How the memory of a machine is shared out. Decision: docs/decisions/0010-roofline-and-memory.md. */
export interface MemoryRule {
  /** Share of the memory that the runtime may use at all. */
  readonly utilisation: number;
  /** What the runtime keeps on every GPU: context, workspace, activations. */
  readonly reserveBytesPerGpu: number;
  /** Mean requests whose KV must still fit beside the weights. */
  readonly minimumRequests: number;
  /** Most of the memory that weights may take; Helix plans with 0.5. */
  readonly weightShare: number;
}

export const DEFAULT_MEMORY_RULE: MemoryRule = {
  utilisation: 0.9,
  reserveBytesPerGpu: 2 * GIGA,
  minimumRequests: 16,
  weightShare: 1,
};

/** Unified memory keeps a part for the rest of the system (the default limit of macOS). */
const UNIFIED_UTILISATION = 0.75;

/**
 * KV tokens that fit beside k layers, k = 1..K; K = length is the most layers that leave room for
 * the smallest useful cache. Where layers differ, the heaviest run of k layers counts: the planner
 * may put any run there. Embedding and head are charged to every machine, the larger of the two
 * (both for a machine that holds all layers), as any node may be the first or the last. O(layers²).
 */
export function kvTokensByLayers(
  group: GpuGroup,
  model: Model,
  workload: Workload,
  rule: MemoryRule,
  memoryBytes: number = group.gpus * group.gpu.memoryBytes,
): readonly number[] {
  const share = group.gpu.unifiedMemory === true ? UNIFIED_UTILISATION : 1;
  const usable =
    memoryBytes * Math.min(rule.utilisation, share) - group.gpus * rule.reserveBytesPerGpu;
  const smallest = rule.minimumRequests * (workload.promptTokens + workload.outputTokens);
  const replication = kvReplication(group, model);
  const tokens: number[] = [];
  for (let held = 1; held <= model.layers; held++) {
    const weights = heaviestRun(model.bytesByLayer, model.layerBytes, held) + endBytes(model, held);
    const perToken = heaviestRun(model.kvBytesByLayer, model.kvBytesPerToken, held) * replication;
    const room = perToken === 0 ? Infinity : Math.floor((usable - weights) / perToken);
    if (weights > rule.weightShare * memoryBytes || weights > usable || room < smallest) break;
    tokens.push(room);
  }
  return tokens;
}

function endBytes(model: Model, held: number): number {
  const embedding = model.embeddingBytes ?? 0;
  const head = model.headBytes ?? 0;
  if (held < model.layers) return Math.max(embedding, head);
  const tied =
    model.shape?.tiedEmbeddings === true
      ? model.shape.vocabularySize * model.shape.hiddenSize * model.shape.weightBytes
      : 0;
  return embedding + head - tied;
}

function heaviestRun(byLayer: readonly number[] | undefined, each: number, held: number): number {
  if (byLayer === undefined) return each * held;
  let run = 0;
  let heaviest = 0;
  byLayer.forEach((bytes, layer) => {
    run += bytes - (layer >= held ? byLayer[layer - held]! : 0);
    heaviest = Math.max(heaviest, run);
  });
  return heaviest;
}

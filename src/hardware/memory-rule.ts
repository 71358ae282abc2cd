import { cacheBytes, layerRuns, listLayers } from "../core/model.js";
import type { MemoryShares } from "../core/cluster.js";
import type { LayerRun, Model, Workload } from "../core/model.js";
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
 * The memory that the rule lets an engine use: of 30 GB that are free on a card of 80, at a utilisation
 * of 0.9, it is 0.34 of the card and 0.9 of what is free.
 */
export function memoryShares(
  { gpu, gpus }: Pick<GpuGroup, "gpu" | "gpus">,
  rule: MemoryRule,
  memoryBytes: number = gpus * gpu.memoryBytes,
): MemoryShares {
  const share = gpu.unifiedMemory === true ? UNIFIED_UTILISATION : 1;
  const ofFree = Math.min(rule.utilisation, share);
  return { ofCards: Math.min(1, (memoryBytes / (gpus * gpu.memoryBytes)) * ofFree), ofFree };
}

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
  const usable = usableBytes(group, rule, memoryBytes);
  const request = workload.promptTokens + workload.outputTokens;
  const smallest = rule.minimumRequests * request;
  const layers = layerRuns(model).length === 1 ? undefined : listLayers(model);
  const [first] = layerRuns(model);
  const perTokenOf = (run: LayerRun): number => bytesPerToken(group, run, request);
  const bytes = layers?.map((run) => run.bytes);
  const cached = layers?.map(perTokenOf);
  const tokens: number[] = [];
  for (let held = 1; held <= model.layers; held++) {
    const weights = heaviestRun(bytes, first!.bytes, held) + endBytes(model, held);
    const perToken = heaviestRun(cached, perTokenOf(first!), held);
    const room = perToken === 0 ? Infinity : Math.floor((usable - weights) / perToken);
    if (weights > rule.weightShare * memoryBytes || weights > usable || room < smallest) break;
    tokens.push(room);
  }
  return tokens;
}

/** Bytes for weights and cache together. */
export function usableBytes(group: GpuGroup, rule: MemoryRule, memoryBytes: number): number {
  const share = group.gpu.unifiedMemory === true ? UNIFIED_UTILISATION : 1;
  return memoryBytes * Math.min(rule.utilisation, share) - group.gpus * rule.reserveBytesPerGpu;
}

/**
 * Cache bytes per token of one layer, for sequences of `request` tokens: what windows leave out and
 * what states add is spread over them.
 */
export function bytesPerToken(group: GpuGroup, run: LayerRun, request: number): number {
  const replication = kvReplication(group, run.cacheHeads);
  const whole = run.kvWindow === undefined || run.kvWindow >= request;
  if (whole && run.stateBytes === 0) return run.kvBytesPerToken * replication;
  const state = run.stateBytes;
  return ((cacheBytes(run, request) - state) * replication + state) / request;
}

function endBytes(model: Model, held: number): number {
  const embedding = model.embeddingBytes ?? 0;
  const head = model.headBytes ?? 0;
  if (held < model.layers) return Math.max(embedding, head);
  return embedding + head - (model.tiedBytes ?? 0);
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

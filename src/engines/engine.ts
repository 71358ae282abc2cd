import type { EngineName } from "../core/engine-choice.js";

/**
 * What we believe of one engine: what it can run, how it forms batches, how it shares out KV memory.
 * Every engine states all of it in one file; planner, simulator and exporter ask here.
 */
export interface Engine {
  readonly name: EngineName;
  /** As its makers write it. */
  readonly title: string;
  readonly placements: PlacementRule;
  readonly tensorParallel: TensorParallelRule;
  readonly batching: BatchingRule;
  /** It runs on Apple's chips and on NVIDIA's cards before Volta, too. */
  readonly anyCard: boolean;
  /** It uses the GPUs of Apple's chips alone: elsewhere the processor computes. */
  readonly macsAlone?: true;
  /** Methods of quantisation that it runs on no card of compute capability 7.0 (Volta), as far as its makers say. */
  readonly notOnVolta?: readonly string[];
  /** By `model_type`, all models that it has code for; absent where it runs what Transformers does. */
  readonly families?: readonly string[];
  /** Seconds of the engine itself beside what the curves hold. */
  readonly overhead: EngineOverhead;
}

/**
 * Which placements an engine can run.
 * - "chains": pipelines that share no node, each node holding just what it runs.
 * - "equal-borders": nodes may be shared, but no request enters a node behind its first layer.
 * - "any": a request may enter a node in the middle of what it holds.
 */
export type PlacementRule = "chains" | "equal-borders" | "any";

/**
 * - "equal": all stages of a chain have the same degree, which divides the heads.
 * - "per-stage": every node has a degree of its own.
 * - "none": cards of one machine are stages of their own.
 */
export type TensorParallelRule = "equal" | "per-stage" | "none";

/** Who forms batches, and how. */
export type BatchingRule =
  /** Every node for itself, one layer at a time, prompts and decodes as they come (the Helix paper). */
  | { readonly kind: "layerwise" }
  /** Every server for itself: what waits there, within a token budget. */
  | { readonly kind: "per-server"; readonly batchTokens: number }
  /** One scheduler for a whole chain. */
  | ChainBatching;

/** One scheduler per chain: a batch passes all stages unchanged. */
export interface ChainBatching {
  readonly kind: "chain";
  /** Tokens of one step: decodes count one, prompts fill the rest in chunks. */
  readonly batchTokens: number;
  /** Most requests under way in a chain, for every batch that may be on its way. */
  readonly maxSequences: number;
  /** Nothing sets the tokens of its step. */
  readonly stepIsFixed?: true;
  /** It refuses to start where more requests may be under way in a chain than a step has tokens. */
  readonly requestsWithinStep?: true;
  /** Batches on their way at once: one per stage, or a single one (stages do not overlap). */
  readonly inFlight: "per-stage" | "one";
  /**
   * KV tokens of a chain: "poorest" what the stage with least room has; "least-bytes": the least free
   * bytes of all stages, divided by each stage's own layers.
   */
  readonly kv: "poorest" | "least-bytes";
  /** Where every request has an equal part of the KV, used or not: mean requests for which a part has room. */
  readonly slotRequests?: number;
}

export interface EngineOverhead {
  /** Per batch and stage, beside its layers. */
  readonly stepSeconds: number;
  /** Per layer of a batch. */
  readonly layerSeconds: number;
}

/** Nothing beside what measured or estimated curves hold already. */
export const NO_OVERHEAD: EngineOverhead = { stepSeconds: 0, layerSeconds: 0 };

/** Most requests under way in a chain of so many stages. */
export function mostUnderWay(
  {
    batchTokens,
    maxSequences,
    requestsWithinStep,
    inFlight,
  }: Pick<ChainBatching, "batchTokens" | "maxSequences" | "requestsWithinStep" | "inFlight">,
  stages: number,
): number {
  const most = maxSequences * (inFlight === "one" ? 1 : stages);
  return requestsWithinStep === true ? Math.min(most, batchTokens) : most;
}

/**
 * Whether requests may enter a node in the middle of its layers. A flow charges the node for all of them, a run for those that it
 * computes: there more is served than flows.
 */
export function entersAnywhere({ placements }: Engine, partialInference: boolean): boolean {
  return placements === "any" && partialInference;
}

import type { TrainingCluster } from "./training-cluster.js";

/**
 * What a layer is to the partition rules: `block` layers are the model proper (transformer blocks),
 * `other` layers (reshapes, norms counted apart) have no rule of their own.
 */
type LayerKind = "embedding" | "block" | "head" | "other";

/** One layer in order of execution. Per-sample figures; a micro-batch of m samples takes m times them. */
export interface TrainingLayer {
  readonly name: string;
  readonly kind: LayerKind;
  /** Before tensor parallelism divides them. */
  readonly parameters: number;
  /** Layers of one stage with the same tie hold one copy of their parameters (input and output embedding). */
  readonly tie?: string;
  /** Activation elements handed to the next stage when a cut follows this layer, per sample. */
  readonly outputElements: number;
  /** Whether tensor parallelism divides the output (vocabulary-parallel logits). */
  readonly outputSplit: boolean;
  /** Bytes kept from forward to backward, per sample: a part every tensor rank holds, a part they share. */
  readonly savedBytes: number;
  readonly savedSplitBytes: number;
  /** Bytes kept when the layer is recomputed in the backward pass (its input), per sample. */
  readonly checkpointBytes: number;
}

/** Forward seconds per layer, machine type and tensor-parallel degree. */
export interface LayerTimes {
  /** Tensor-parallel degrees for which every machine type has figures, ascending. */
  readonly tensorDegrees: readonly number[];
  /** Machine types whose seconds are estimated from the peaks of their cards. */
  readonly estimated?: readonly number[];
  /**
   * Forward seconds of every layer on a machine type for one micro-batch.
   * @returns length `layers.length`.
   */
  readonly forwardSeconds: (
    machine: number,
    tensorParallel: number,
    microBatch: number,
  ) => readonly number[];
}

/** What a GPU holds per parameter, and how much of the optimiser state ZeRO spreads over replicas. */
export interface MemoryRules {
  /** 2 in half precision. */
  readonly weightBytes: number;
  /** 2 in half precision + 4 for the single-precision copy. */
  readonly gradientBytes: number;
  /** 12 for Adam in mixed precision: master weight and two moments. */
  readonly optimizerBytes: number;
  readonly zeroStage: 0 | 1 | 2 | 3;
  readonly recompute: boolean;
  /** Taken by context, communication buffers and fragmentation; not available to a plan. */
  readonly reservedFraction: number;
}

export interface TrainingJob {
  readonly name: string;
  readonly cluster: TrainingCluster;
  readonly layers: readonly TrainingLayer[];
  readonly times: LayerTimes;
  /** Samples per iteration, over all replicas. */
  readonly globalBatch: number;
  /** Bytes of one communicated element (activation or gradient): 4 in the published experiments. */
  readonly elementBytes: number;
  readonly memory: MemoryRules;
  /** The model's shape as launchers want it, where it is a transformer. */
  readonly shape?: TransformerShape;
}

export interface TransformerShape {
  readonly hidden: number;
  readonly sequence: number;
  readonly blocks: number;
  readonly vocabulary: number;
  readonly heads: number;
}

/** The architecture of a model as far as its cost depends on it. Counts of elements, and bytes. */
export interface ModelShape {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly attentionHeads: number;
  readonly keyValueHeads: number;
  readonly headDimension: number;
  /** Inner width of a dense feed-forward block. */
  readonly intermediateSize: number;
  readonly vocabularySize: number;
  /** The output head is the embedding matrix again. */
  readonly tiedEmbeddings: boolean;
  /** Bytes per weight as computed with (2 for bf16 and fp16); what `quantization` skips keeps it. */
  readonly weightBytes: number;
  /** Bytes per KV cache element. */
  readonly kvElementBytes: number;
  /** Mixture of experts: experts per layer and experts that each token visits. */
  readonly experts?: ExpertShape;
  /** Multi-head latent attention (DeepSeek): the cache holds one latent vector for all heads. */
  readonly latentAttention?: LatentAttentionShape;
  /** Matrices of a feed-forward block: 3 with a gate (default), 2 without. */
  readonly feedForwardMatrices?: 2 | 3;
  /** Norms per layer, of `hiddenSize` each. Default 2. */
  readonly normsPerLayer?: number;
  /** Norms carry a bias beside the weight (LayerNorm). Default false (RMSNorm). */
  readonly normBias?: boolean;
  /** Which attention projections have a bias. Default none. */
  readonly attentionBias?: "none" | "qkv" | "all";
  readonly feedForwardBias?: boolean;
  /** The embedding is normed before the first layer (Bloom). */
  readonly embeddingNorm?: boolean;
  /** The output head has a bias of its own. */
  readonly headBias?: boolean;
  /** Parameters per layer that no rule above covers: norms of queries and keys, attention sinks. */
  readonly extraLayerParameters?: number;
  /** Positions with a learned embedding, each `hiddenSize` wide. */
  readonly learnedPositions?: number;
  /** Layers whose attention sees only the latest `tokens`. Their cache is still counted in full. */
  readonly slidingWindow?: { readonly tokens: number; readonly layers: number };
  readonly quantization?: Quantization;
}

export interface ExpertShape {
  readonly total: number;
  readonly active: number;
  /** Inner width of one expert; default `intermediateSize`. */
  readonly intermediateSize?: number;
  /** Inner width of the experts that every token visits, together; 0 for none (default). */
  readonly sharedIntermediateSize?: number;
  /** The shared expert has a gate of `hiddenSize` weights. */
  readonly sharedGate?: boolean;
  /** The router has one bias per expert. */
  readonly routerBias?: boolean;
  /** Experts carry biases in their matrices. */
  readonly expertBias?: boolean;
  /** Layers with a dense block instead of experts. */
  readonly denseLayers?: readonly number[];
}

export interface LatentAttentionShape {
  /** Rank of the compressed query; undefined when queries are projected directly. */
  readonly queryRank?: number;
  readonly keyValueRank: number;
  readonly nopeDimension: number;
  readonly ropeDimension: number;
  readonly valueDimension: number;
}

export interface Quantization {
  /** The method's own name: fp8, awq, gptq, bitsandbytes, mxfp4 … */
  readonly method: string;
  /** Bytes per weight, scales and zero points included. */
  readonly bytesPerWeight: number;
  /** Module names (or parts of them) that keep `weightBytes`. */
  readonly skippedModules: readonly string[];
}

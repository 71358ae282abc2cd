/** What planning needs to know of a language model. Bytes, and counts. */
export interface Model {
  readonly name: string;
  /** Number of transformer layers, L. */
  readonly layers: number;
  /** Weight bytes of one layer; where layers differ, of the largest. */
  readonly layerBytes: number;
  /** Bytes that travel per token between two layers. */
  readonly activationBytes: number;
  /** Bytes that travel per token to and from the coordinator. */
  readonly tokenBytes: number;
  /** KV cache bytes per token and layer; where layers differ, of the largest. */
  readonly kvBytesPerToken: number;
  /** The shape behind the figures, where it is known (presets, config.json). */
  readonly shape?: ModelShape;
}

/** The architecture of a model as far as its cost depends on it. */
export interface ModelShape {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly attentionHeads: number;
  readonly keyValueHeads: number;
  readonly headDimension: number;
  readonly intermediateSize: number;
  readonly vocabularySize: number;
  readonly tiedEmbeddings: boolean;
  /** Bytes per weight (2 for bf16 and fp16). */
  readonly weightBytes: number;
  /** Bytes per KV cache element. */
  readonly kvElementBytes: number;
  /** Mixture of experts: experts per layer and experts that each token visits. */
  readonly experts?: { readonly total: number; readonly active: number };
}

/** Mean request: prompt and output tokens. */
export interface Workload {
  readonly name: string;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

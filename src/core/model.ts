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
  /** All layers in their order, equal neighbours together. Absent: alike, as the figures above say. */
  readonly runs?: readonly LayerRun[];
  /** Bytes that the first stage holds beside its layers (token and position embeddings). */
  readonly embeddingBytes?: number;
  /** Bytes that the last stage holds beside its layers (final norm and output head). */
  readonly headBytes?: number;
  /** Bytes that are part of both: who holds first and last layer holds them once. */
  readonly tiedBytes?: number;
  /** Parameters, each counted once, and those that one token's pass touches. */
  readonly parameters?: { readonly total: number; readonly active: number };
  /** `model_type` of its config.json. Absent: not known. */
  readonly family?: string;
  /** Query heads of attention: tensor parallelism divides them among the cards. Absent: not known. */
  readonly attentionHeads?: number;
  /** Longest context the model was made for, in tokens. Absent: not known. */
  readonly longestContext?: number;
  /** How weights are quantised, by the method's own name: "awq", "fp8" … Absent: they are not. */
  readonly quantization?: string;
  /** Types of weights and cache that were asked for instead of the checkpoint's own. */
  readonly askedTypes?: AskedTypes;
  /** What the model's description does not say and was assumed. */
  readonly assumptions?: readonly Assumption[];
}

/** Types by the names that cluster files use: "fp8", "int4" … */
export interface AskedTypes {
  readonly weights?: string;
  readonly cache?: string;
}

/** Layers that are alike and follow each other. Bytes, and counts per layer. */
export interface LayerRun {
  readonly count: number;
  /** Weight bytes. */
  readonly bytes: number;
  /** Of `bytes`, those of routed experts: a batch reads the experts that its tokens visit. */
  readonly expertBytes: number;
  /** Share of the routed experts that one token visits; 1 without experts. */
  readonly expertShare: number;
  /** Parameters that one token's pass touches. */
  readonly activeParameters: number;
  /** Multiply-adds per token and per token of context (scores and weighted values). */
  readonly attentionFlops: number;
  /** KV cache bytes per token, for the latest `kvWindow` tokens or for all. */
  readonly kvBytesPerToken: number;
  readonly kvWindow?: number;
  /** Bytes per sequence whatever its length: states of Mamba, linear attention and convolutions. */
  readonly stateBytes: number;
  /** Into how many parts the cache can be split by tensor parallelism; absent: any number. */
  readonly cacheHeads?: number;
  /** Bits of the matrix products where the GPU has such products. */
  readonly productBits: 16 | 8 | 4;
}

/** Something that was assumed, where, and what follows from it. */
export interface Assumption {
  readonly what: string;
  /** The key or the file concerned. */
  readonly where: string;
  readonly effect: string;
  /** A default among what is legal and no guess at a fact: `--strict` lets it pass. */
  readonly isDefault?: true | undefined;
}

/** Mean request: prompt and output tokens. */
export interface Workload {
  readonly name: string;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/** Bytes per weight assumed where only the bytes of a layer are known. */
const ASSUMED_WEIGHT_BYTES = 2;

/** The layers of a model as runs, whether or not it has a list of them. */
export function layerRuns(model: Model): readonly LayerRun[] {
  if (model.runs !== undefined) return model.runs;
  return [
    {
      count: model.layers,
      bytes: model.layerBytes,
      expertBytes: 0,
      expertShare: 1,
      activeParameters: model.layerBytes / ASSUMED_WEIGHT_BYTES,
      attentionFlops: 2 * model.activationBytes,
      kvBytesPerToken: model.kvBytesPerToken,
      stateBytes: 0,
      productBits: 16,
    },
  ];
}

/** The same, one entry per layer: length `model.layers`. */
export function listLayers(model: Model): readonly LayerRun[] {
  return layerRuns(model).flatMap((run) => Array.from({ length: run.count }, () => run));
}

/** Cache bytes of one layer for a sequence of `tokens` tokens. */
export function cacheBytes(run: LayerRun, tokens: number): number {
  return Math.min(tokens, run.kvWindow ?? Infinity) * run.kvBytesPerToken + run.stateBytes;
}

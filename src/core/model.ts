import type { ModelShape } from "./model-shape.js";

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
  /** Weight bytes of every layer, only where layers differ. Length `layers`. */
  readonly bytesByLayer?: readonly number[];
  /** KV cache bytes per token of every layer, only where layers differ. Length `layers`. */
  readonly kvBytesByLayer?: readonly number[];
  /** Bytes that the first stage holds beside its layers (token and position embeddings). */
  readonly embeddingBytes?: number;
  /** Bytes that the last stage holds beside its layers (final norm and output head). */
  readonly headBytes?: number;
  /** The shape behind the figures, where it is known (presets, config.json). */
  readonly shape?: ModelShape;
}

export type { ModelShape } from "./model-shape.js";

/** Mean request: prompt and output tokens. */
export interface Workload {
  readonly name: string;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

import { matrix, vector } from "./layer-shape.js";
import type { LayerPart } from "./layer-shape.js";

/** Attention with a cache of keys and values per head. */
export interface HeadAttention {
  readonly hiddenSize: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDimension: number;
  readonly valueDimension?: number;
  readonly window?: number;
  readonly bias: "none" | "qkv" | "all";
  /** Queries come with a gate of the same size (Qwen3-Next). */
  readonly gated?: boolean;
  /** Values are the keys again: no matrix of their own, but a cache of their own (Gemma 4). */
  readonly valuesAreKeys?: boolean;
  /** Queries pass through so many dimensions first (Step3). */
  readonly queryRank?: number;
  /** Norms, sinks and the like. */
  readonly extras: number;
  /** Names under which the projections stand beside `self_attn`. */
  readonly aliases?: readonly string[];
}

/** Multi-head latent attention: the cache holds one latent vector for all heads. */
export interface LatentAttention {
  readonly hiddenSize: number;
  readonly heads: number;
  readonly queryRank?: number;
  readonly keyValueRank: number;
  readonly nopeDimension: number;
  readonly ropeDimension: number;
  readonly valueDimension: number;
  readonly window?: number;
  readonly bias: boolean;
}

/** Small heads that choose the tokens to look at, and a cache of one key per token. */
export interface Indexer {
  readonly hiddenSize: number;
  readonly heads: number;
  readonly dimension: number;
  /** Width of what its queries are made from. */
  readonly queryInput: number;
  /** Bytes per token of its own cache. */
  readonly cacheBytes: number;
}

export function headAttention(shape: HeadAttention): LayerPart {
  const { hiddenSize, heads, keyValueHeads, headDimension, bias } = shape;
  const valueDimension = shape.valueDimension ?? headDimension;
  const queries = heads * headDimension * (shape.gated === true ? 2 : 1);
  const keys = keyValueHeads * headDimension;
  const values = keyValueHeads * valueDimension;
  const output = heads * valueDimension;
  const name = (module: string, ...fused: string[]): readonly string[] => [
    `self_attn.${module}`,
    ...fused.map((other) => `self_attn.${other}`),
    ...(shape.aliases ?? []).map((place) => `${place}.${module}`),
  ];
  const rank = shape.queryRank;
  const queryTensors =
    rank === undefined
      ? [matrix(name("q_proj", "qkv_proj"), hiddenSize * queries)]
      : [
          matrix(name("q_proj", "qkv_proj"), hiddenSize * rank),
          matrix(name("wq"), rank * queries),
          vector("self_attn.inter_norm", rank),
        ];
  return {
    tensors: [
      ...queryTensors,
      matrix(name("k_proj", "qkv_proj"), hiddenSize * keys),
      matrix(name("v_proj", "qkv_proj"), shape.valuesAreKeys === true ? 0 : hiddenSize * values),
      matrix(name("o_proj"), output * hiddenSize),
      vector("self_attn.qkv_bias", bias === "none" ? 0 : queries + keys + values),
      vector("self_attn.o_bias", bias === "all" ? hiddenSize : 0),
      vector("self_attn.extras", shape.extras),
    ],
    cache: {
      elements: keys + values,
      heads: keyValueHeads,
      ...(shape.window === undefined ? {} : { window: shape.window }),
    },
    attentionFlops: 2 * heads * (headDimension + valueDimension),
  };
}

export function latentAttention(shape: LatentAttention): LayerPart {
  const { hiddenSize, heads, queryRank, keyValueRank } = shape;
  const { nopeDimension, ropeDimension, valueDimension } = shape;
  const queryWidth = heads * (nopeDimension + ropeDimension);
  const queries =
    queryRank === undefined
      ? [matrix("self_attn.q_proj", hiddenSize * queryWidth)]
      : [
          matrix(["self_attn.q_a_proj", FUSED_LATENT], hiddenSize * queryRank),
          matrix("self_attn.q_b_proj", queryRank * queryWidth),
        ];
  const biases = (queryRank ?? queryWidth) + keyValueRank + ropeDimension + hiddenSize;
  return {
    tensors: [
      ...queries,
      matrix(
        ["self_attn.kv_a_proj_with_mqa", FUSED_LATENT],
        hiddenSize * (keyValueRank + ropeDimension),
      ),
      matrix("self_attn.kv_b_proj", keyValueRank * heads * (nopeDimension + valueDimension)),
      matrix("self_attn.o_proj", heads * valueDimension * hiddenSize),
      vector("self_attn.a_layernorm", (queryRank ?? 0) + keyValueRank),
      vector("self_attn.bias", shape.bias ? biases : 0),
    ],
    cache: {
      elements: keyValueRank + ropeDimension,
      heads: 1,
      ...(shape.window === undefined ? {} : { window: shape.window }),
    },
    attentionFlops: 2 * heads * (nopeDimension + ropeDimension + valueDimension),
  };
}

const FUSED_LATENT = "self_attn.fused_qkv_a_proj_with_mqa";

export function indexer(shape: Indexer): LayerPart {
  const { hiddenSize, heads, dimension, queryInput } = shape;
  return {
    tensors: [
      matrix("self_attn.indexer.wq_b", queryInput * heads * dimension),
      matrix("self_attn.indexer.wk", hiddenSize * dimension),
      vector("self_attn.indexer.k_norm", 2 * dimension),
      vector("self_attn.indexer.weights_proj", hiddenSize * heads),
    ],
    indexBytes: shape.cacheBytes,
  };
}

import type { ConfigFields } from "./config-fields.js";
import { MODEL_FAMILIES, UNSUPPORTED_FAMILIES } from "./model-families.js";
import type { ModelFamily } from "./model-families.js";
import type { LatentAttentionShape, ModelShape } from "../core/model-shape.js";
import { readExperts } from "./read-experts.js";

const LAYERS = ["num_hidden_layers", "n_layer", "num_layers", "n_layers"];
const HIDDEN = ["hidden_size", "n_embd", "d_model", "dim"];
const HEADS = ["num_attention_heads", "n_head", "num_heads", "n_heads"];
const KEY_VALUE_HEADS = [
  "num_key_value_heads",
  "num_kv_heads",
  "n_head_kv",
  "multi_query_group_num",
  "kv_n_heads",
];
const HEAD_DIMENSION = ["head_dim", "attention_head_dim", "kv_channels"];
const WIDTH = ["intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size", "inner_dim"];
const VOCABULARY = ["vocab_size", "padded_vocab_size"];

const MOST_LAYERS = 10_000;

/** Everything of a shape but the bytes per weight. */
type Architecture = Omit<ModelShape, "weightBytes" | "kvElementBytes" | "quantization">;

/**
 * The architecture that a config.json describes; undefined for families without attention in
 * every layer. What was assumed is appended to `assumptions`.
 */
export function readShape(fields: ConfigFields, assumptions: string[]): Architecture | undefined {
  const type = fields.text("model_type");
  const kinds = fields.list("layer_types");
  if (type !== undefined && UNSUPPORTED_FAMILIES.includes(type)) return undefined;
  if (kinds?.some((kind) => !String(kind).includes("attention") || kind === "linear_attention")) {
    return undefined;
  }
  const family = findFamily(type, assumptions);
  const layers = fields.required(LAYERS, "the number of layers", MOST_LAYERS);
  const hiddenSize = fields.required(HIDDEN, "the hidden size");
  const attentionHeads = fields.required(HEADS, "the number of attention heads");
  const latentAttention = readLatentAttention(fields);
  const keyValueHeads = readKeyValueHeads(fields, type, attentionHeads);
  const headDimension = fields.count(HEAD_DIMENSION) ?? Math.ceil(hiddenSize / attentionHeads);
  const experts = readExperts(fields, family, layers);
  const vocabularySize = fields.required(VOCABULARY, "the size of the vocabulary");
  return {
    hiddenSize,
    layers,
    attentionHeads,
    keyValueHeads,
    headDimension,
    intermediateSize: readWidth(fields, family, hiddenSize),
    vocabularySize,
    tiedEmbeddings: fields.flag("tie_word_embeddings") ?? family.tiedEmbeddings ?? false,
    attentionBias: readAttentionBias(fields, family),
    ...(experts === undefined ? {} : { experts }),
    ...(latentAttention === undefined ? {} : { latentAttention }),
    ...readBlock(fields, family, type),
    ...readExtras(fields, family, { attentionHeads, keyValueHeads, headDimension }),
    ...readSlidingWindow(fields, kinds, layers, assumptions),
  };
}

function findFamily(type: string | undefined, assumptions: string[]): ModelFamily {
  const known = type !== undefined && Object.hasOwn(MODEL_FAMILIES, type);
  if (known) return MODEL_FAMILIES[type]!;
  assumptions.push(`model_type ${JSON.stringify(type ?? "none")} is not known: counted like Llama`);
  return {};
}

function readKeyValueHeads(fields: ConfigFields, type: string | undefined, heads: number): number {
  if (type === "falcon" && fields.flag("new_decoder_architecture") !== true) {
    return fields.flag("multi_query") === false ? heads : 1;
  }
  if (fields.flag("multi_query_attention") === false) return heads;
  return fields.count(KEY_VALUE_HEADS) ?? (fields.flag("multi_query") === true ? 1 : heads);
}

function readWidth(fields: ConfigFields, family: ModelFamily, hiddenSize: number): number {
  const dense = fields.count(["intermediate_size_mlp", ...WIDTH]);
  if (dense !== undefined) return dense;
  const expansion = fields.count(["expansion_ratio"]) ?? family.expansion;
  if (expansion !== undefined) return expansion * hiddenSize;
  return fields.required(WIDTH, "the width of the feed-forward block");
}

function readAttentionBias(
  fields: ConfigFields,
  family: ModelFamily,
): NonNullable<ModelShape["attentionBias"]> {
  if (fields.flag("attention_bias") === true) return "all";
  if (fields.flag("add_qkv_bias") === true || fields.flag("qkv_bias") === true) return "qkv";
  return family.attentionBias ?? "none";
}

function readBlock(
  fields: ConfigFields,
  family: ModelFamily,
  type: string | undefined,
): Partial<Architecture> {
  const newFalcon = type === "falcon" && fields.flag("new_decoder_architecture") === true;
  const norms = newFalcon ? 2 : family.normsPerLayer;
  const bias = fields.flag("mlp_bias") ?? family.feedForwardBias;
  return {
    ...(family.feedForwardMatrices === undefined
      ? {}
      : { feedForwardMatrices: family.feedForwardMatrices }),
    ...(norms === undefined ? {} : { normsPerLayer: norms }),
    ...(family.normBias === undefined ? {} : { normBias: family.normBias }),
    ...(bias === undefined ? {} : { feedForwardBias: bias }),
    ...(family.headBias === undefined ? {} : { headBias: family.headBias }),
    ...(family.embeddingNorm === undefined ? {} : { embeddingNorm: family.embeddingNorm }),
  };
}

function readExtras(
  fields: ConfigFields,
  family: ModelFamily,
  heads: Pick<ModelShape, "attentionHeads" | "keyValueHeads" | "headDimension">,
): Partial<Architecture> {
  const { attentionHeads, keyValueHeads, headDimension } = heads;
  const headNorms = family.headNorms === true || fields.flag("use_qk_norm") === true;
  const extra =
    (headNorms ? 2 * headDimension : 0) +
    (family.wideNorms === true ? (attentionHeads + keyValueHeads) * headDimension : 0) +
    (family.sinks === true ? attentionHeads : 0);
  const positions =
    family.extraPositions === undefined
      ? undefined
      : fields.required(["n_positions", "max_position_embeddings"], "the number of positions");
  return {
    ...(extra === 0 ? {} : { extraLayerParameters: extra }),
    ...(positions === undefined ? {} : { learnedPositions: positions + family.extraPositions! }),
  };
}

function readLatentAttention(fields: ConfigFields): LatentAttentionShape | undefined {
  const keyValueRank = fields.count(["kv_lora_rank"]);
  if (keyValueRank === undefined) return undefined;
  const queryRank = fields.count(["q_lora_rank"]);
  return {
    ...(queryRank === undefined ? {} : { queryRank }),
    keyValueRank,
    nopeDimension: fields.required(["qk_nope_head_dim"], "the head part without position"),
    ropeDimension: fields.required(["qk_rope_head_dim"], "the head part with position"),
    valueDimension: fields.required(["v_head_dim"], "the head dimension of values"),
  };
}

function readSlidingWindow(
  fields: ConfigFields,
  kinds: readonly unknown[] | undefined,
  layers: number,
  assumptions: string[],
): Partial<Architecture> {
  const tokens = fields.count(["sliding_window"]);
  if (tokens === undefined || fields.flag("use_sliding_window") === false) return {};
  const local = kinds?.filter((kind) => kind === "sliding_attention").length;
  const pattern = fields.count(["sliding_window_pattern"]);
  const count = local ?? (pattern === undefined ? layers : layers - Math.floor(layers / pattern));
  assumptions.push(`the KV cache of sliding-window layers (${tokens} tokens) is counted in full`);
  return { slidingWindow: { tokens, layers: count } };
}

import { headAttention, indexer, latentAttention } from "./attention-parts.js";
import type { LayerPart } from "./layer-shape.js";
import type { LayerKind } from "./read-layer-kinds.js";
import { readRecurrent } from "./read-recurrent.js";
import type { ShapeContext } from "./read-shape.js";

const HEADS = ["num_attention_heads", "n_head", "num_heads", "n_heads"];
const KEY_VALUE_HEADS = [
  "num_key_value_heads",
  "num_kv_heads",
  "n_head_kv",
  "multi_query_group_num",
  "kv_n_heads",
  "num_attention_groups",
];
const HEAD_DIMENSION = ["head_dim", "attention_head_dim", "kv_channels"];
const WINDOW = ["sliding_window", "sliding_window_size", "attention_chunk_size"];

/** The mixer of a layer of each kind. */
export function createMixers(
  context: ShapeContext,
): (kind: LayerKind, layer: number) => readonly LayerPart[] {
  const { family } = context;
  const known = new Map<string, LayerPart>();
  const once = (key: string, make: () => LayerPart): LayerPart => {
    const part = known.get(key) ?? make();
    known.set(key, part);
    return part;
  };
  const sparse = readSparseLayers(context);
  return (kind, layer) => {
    if (kind.mixer === "none") return [];
    if (kind.mixer !== "full" && kind.mixer !== "local") {
      const mixer = kind.mixer;
      return [once(mixer, () => readRecurrent(context, mixer))];
    }
    const local = kind.mixer === "local";
    const parts = [once(kind.mixer, () => readAttention(context, local))];
    if (family.parallelMamba === true)
      parts.push(once("mamba", () => readRecurrent(context, "mamba")));
    if (family.shortcut === true) parts.push(parts[0]!);
    const index = sparse(layer);
    return index === undefined ? parts : [...parts, index];
  };
}

function readAttention(context: ShapeContext, local: boolean): LayerPart {
  const { fields } = context;
  const method = fields.text("attention_method");
  if (method !== undefined && method !== "MLA") fields.refuse("attention_method", '"MLA"');
  const heads =
    (local ? fields.count(["swa_num_attention_heads"]) : undefined) ??
    fields.required(HEADS, "the number of attention heads");
  const window = local ? fields.required(WINDOW, "the window of the local layers") : undefined;
  return fields.count(["kv_lora_rank"]) === undefined
    ? headLayer(context, heads, window)
    : latentLayer(context, heads, window);
}

/** The indexer of layers with sparse attention, by layer. */
function readSparseLayers(context: ShapeContext): (layer: number) => LayerPart | undefined {
  const { fields, hiddenSize, assumptions } = context;
  const sparse = fields.object("sparse_attention_config");
  if (sparse === undefined) {
    const part = readIndexer(context);
    return () => part;
  }
  if (sparse.use_sparse_attention === false) return () => undefined;
  const { sparse_attention_freq: freq } = sparse;
  const heads = sparse.sparse_num_index_heads;
  const dimension = sparse.sparse_index_dim;
  if (!isCount(heads) || !isCount(dimension) || !Array.isArray(freq)) {
    fields.refuse(
      "sparse_attention_config",
      "index heads, their size and the layers that have them",
    );
    return () => undefined;
  }
  assumptions.push({
    what: "how the indexer of sparse attention keeps its keys is not in the file",
    where: "sparse_attention_config",
    effect: `one key of ${dimension} elements per token and sparse layer, in 16 bits`,
  });
  const cacheBytes = 2 * dimension;
  const part = indexer({ hiddenSize, heads, dimension, queryInput: hiddenSize, cacheBytes });
  return (layer) => (freq[layer] === 1 ? part : undefined);
}

function headLayer(context: ShapeContext, heads: number, window: number | undefined): LayerPart {
  const { fields, family, hiddenSize } = context;
  const local = window !== undefined;
  const global = !local && fields.value("layer_types") !== undefined;
  const given =
    (local ? fields.count(["swa_head_dim"]) : undefined) ??
    (global ? fields.count(["global_head_dim"]) : undefined) ??
    fields.count(HEAD_DIMENSION);
  const headDimension = given ?? Math.ceil(hiddenSize / heads);
  const keyValueHeads =
    (local ? fields.count(["swa_num_key_value_heads"]) : undefined) ??
    (global ? fields.count(["num_global_key_value_heads"]) : undefined) ??
    readKeyValueHeads(context, heads);
  const valueDimension =
    (local ? fields.count(["swa_v_head_dim"]) : undefined) ?? fields.count(["v_head_dim"]);
  const queryRank = fields.count(["share_q_dim"]);
  const sinks = local ? "add_swa_attention_sink_bias" : "add_full_attention_sink_bias";
  const headNorms = family.headNorms === true || fields.flag("use_qk_norm") === true;
  const extras =
    (headNorms ? 2 * headDimension : 0) +
    (family.wideNorms === true ? (heads + keyValueHeads) * headDimension : 0) +
    (family.sinks === true || fields.flag(sinks) === true ? heads : 0);
  const gate = fields.flag("attn_output_gate") ?? fields.flag("attention_output_gate");
  const gated = gate ?? family.gatedAttention ?? false;
  return headAttention({
    hiddenSize,
    heads,
    keyValueHeads,
    headDimension,
    ...(valueDimension === undefined ? {} : { valueDimension }),
    bias: readAttentionBias(context),
    gated,
    valuesAreKeys: fields.flag("attention_k_eq_v") === true && global,
    ...(queryRank === undefined ? {} : { queryRank }),
    ...(window === undefined ? {} : { window }),
    extras,
    aliases: ["mixer"],
  });
}

function latentLayer(context: ShapeContext, heads: number, window: number | undefined): LayerPart {
  const { fields, hiddenSize } = context;
  const queryRank = fields.count(["q_lora_rank"]);
  // Neither counts here: the cache is one vector for all heads.
  fields.value("num_key_value_heads");
  fields.value("head_dim");
  return latentAttention({
    hiddenSize,
    heads,
    ...(queryRank === undefined ? {} : { queryRank }),
    keyValueRank: fields.required(["kv_lora_rank"], "the rank of keys and values"),
    nopeDimension: fields.required(["qk_nope_head_dim"], "the head part without position"),
    ropeDimension: fields.required(["qk_rope_head_dim"], "the head part with position"),
    valueDimension: fields.required(["v_head_dim"], "the head dimension of values"),
    ...(window === undefined ? {} : { window }),
    bias: readAttentionBias(context) !== "none",
  });
}

/** DeepSeek's sparse attention: keys of the indexer in 8 bits, a 32-bit scale per 128 of them. */
function readIndexer({ fields, hiddenSize }: ShapeContext): LayerPart | undefined {
  const heads = fields.count(["index_n_heads"]);
  const dimension = fields.count(["index_head_dim"]);
  if (heads === undefined || dimension === undefined) return undefined;
  const queryInput = fields.count(["q_lora_rank"]) ?? hiddenSize;
  const cacheBytes = dimension + 4 * Math.ceil(dimension / 128);
  return indexer({ hiddenSize, heads, dimension, queryInput, cacheBytes });
}

function readKeyValueHeads({ fields, type }: ShapeContext, heads: number): number {
  if (type === "falcon" && fields.flag("new_decoder_architecture") !== true) {
    return fields.flag("multi_query") === false ? heads : 1;
  }
  if (fields.flag("multi_query_attention") === false) return heads;
  return fields.count(KEY_VALUE_HEADS) ?? (fields.flag("multi_query") === true ? 1 : heads);
}

function readAttentionBias({ fields, family }: ShapeContext): "none" | "qkv" | "all" {
  if (fields.flag("attention_bias") === true) return family.biasMeans ?? "all";
  if (fields.flag("add_qkv_bias") === true || fields.flag("qkv_bias") === true) return "qkv";
  return family.attentionBias ?? "none";
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0;
}

import { headAttention } from "./attention-parts.js";
import { isObject } from "./config-fields.js";
import type { ConfigObject } from "./config-fields.js";
import { denseBlock } from "./feed-forward-parts.js";
import { matrix, vector } from "./layer-shape.js";
import type { LayerPart, LayerShape } from "./layer-shape.js";
import type { ShapeContext } from "./read-shape.js";

const ATTENTION_KEYS = [
  "n_heads_in_group",
  "num_key_value_heads",
  "no_op",
  "replace_with_linear",
  "window_length",
];
const FEED_FORWARD_KEYS = [
  "ffn_mult",
  "intermediate_size",
  "no_op",
  "replace_with_linear",
  "hidden_act",
  "gated",
];

/**
 * The layers of a model that a search has cut to measure (Nemotron NAS): every block says which
 * attention and which feed-forward it kept. Undefined when the file has no such list.
 */
export function readBlockConfigs(context: ShapeContext): readonly LayerShape[] | undefined {
  const { fields, layers } = context;
  const blocks = fields.list("block_configs");
  if (blocks === undefined) return undefined;
  for (const replaced of ["intermediate_size", "num_key_value_heads"]) fields.value(replaced);
  if (blocks.length !== layers) fields.refuse("block_configs", `${layers} blocks, one per layer`);
  return Array.from({ length: layers }, (_, layer) => {
    const block = blocks[layer];
    const attention = isObject(block) ? block.attention : undefined;
    const feedForward = isObject(block) ? block.ffn : undefined;
    if (!isObject(attention) || !isObject(feedForward)) {
      addProblem(context, `block_configs[${layer}]`, block, "attention and ffn");
      return [];
    }
    return [
      ...readAttention(context, attention, `block_configs[${layer}].attention`),
      ...readBlock(context, feedForward, `block_configs[${layer}].ffn`),
    ];
  });
}

function readAttention(
  context: ShapeContext,
  entry: ConfigObject,
  path: string,
): readonly LayerPart[] {
  const { fields, hiddenSize } = context;
  refuseOthers(context, entry, ATTENTION_KEYS, path);
  if (entry.no_op === true) return [];
  const norm = { tensors: [vector("input_layernorm", hiddenSize)] };
  if (entry.replace_with_linear === true) return [linear(context, "self_attn.linear_attn"), norm];
  const heads = fields.required(["num_attention_heads"], "the number of attention heads");
  const group = Number(entry.n_heads_in_group);
  const keyValueHeads =
    entry.num_key_value_heads === undefined ? heads / group : Number(entry.num_key_value_heads);
  if (!Number.isInteger(keyValueHeads) || keyValueHeads < 1)
    addProblem(
      context,
      `${path}.n_heads_in_group`,
      entry.n_heads_in_group,
      `a divisor of ${heads}`,
    );
  const window = entry.window_length;
  const part = headAttention({
    hiddenSize,
    heads,
    keyValueHeads,
    headDimension: fields.count(["head_dim"]) ?? hiddenSize / heads,
    bias: fields.flag("attention_bias") === true ? "all" : "none",
    extras: 0,
    ...(typeof window === "number" && window > 0 ? { window } : {}),
  });
  return [part, norm];
}

/** Multiples of 256, as the published code rounds. */
const WIDTH_STEP = 256;

function readBlock(context: ShapeContext, entry: ConfigObject, path: string): readonly LayerPart[] {
  const { fields, hiddenSize } = context;
  refuseOthers(context, entry, FEED_FORWARD_KEYS, path);
  if (entry.no_op === true) return [];
  const norm = { tensors: [vector("post_attention_layernorm", hiddenSize)] };
  if (entry.replace_with_linear === true) return [linear(context, "mlp.linear_mlp"), norm];
  const given = entry.intermediate_size ?? undefined;
  const multiplied = Math.floor((2 * Number(entry.ffn_mult) * hiddenSize) / 3);
  const width =
    given === undefined ? WIDTH_STEP * Math.ceil(multiplied / WIDTH_STEP) : Number(given);
  if (!(width > 0)) addProblem(context, `${path}.ffn_mult`, entry.ffn_mult, "a number above 0");
  const bias = fields.flag("mlp_bias") ?? false;
  const matrices = entry.gated === false ? 2 : 3;
  return [denseBlock({ hiddenSize, width, matrices, bias, places: ["mlp"] }), norm];
}

function linear({ hiddenSize }: ShapeContext, name: string): LayerPart {
  return { tensors: [matrix(name, hiddenSize * hiddenSize)] };
}

/** A key of a block that stands for something and is none of those understood. */
function refuseOthers(
  context: ShapeContext,
  entry: ConfigObject,
  known: readonly string[],
  path: string,
): void {
  for (const [key, value] of Object.entries(entry)) {
    if (known.includes(key) || value === null || value === false || value === undefined) continue;
    addProblem(context, `${path}.${key}`, value, "a key that is understood, or null");
  }
}

function addProblem(
  { fields }: ShapeContext,
  path: string,
  found: unknown,
  expected: string,
): void {
  const remedy = "Give the layers as a list in the cluster file (docs/models.md).";
  fields.problems.push({ path, found: JSON.stringify(found) ?? "nothing", expected, remedy });
}

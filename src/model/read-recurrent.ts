import { isObject } from "./config-fields.js";
import type { LayerPart } from "./layer-shape.js";
import type { MixerKind } from "./read-layer-kinds.js";
import type { ShapeContext } from "./read-shape.js";
import {
  gatedDelta,
  kimiDelta,
  lightningAttention,
  mamba1,
  mamba2,
  shortConvolution,
} from "./recurrent-parts.js";

/** Bytes of an element of a state where the file does not say: what most engines keep, and the safe side. */
const STATE_BYTES = 4;

type Recurrent = Exclude<MixerKind, "full" | "local" | "none">;

/** A mixer whose memory does not grow with the sequence, from the keys that describe it. */
export function readRecurrent(context: ShapeContext, kind: Recurrent): LayerPart {
  if (kind === "mamba") return readMamba(context);
  if (kind === "convolution") return readConvolution(context);
  return readLinear(context);
}

function readMamba(context: ShapeContext): LayerPart {
  const { fields, hiddenSize } = context;
  const heads = fields.count(["mamba_num_heads", "mamba_n_heads"]);
  if (heads === undefined) return readMamba1(context);
  const inner = fields.count(["mamba_d_ssm"]);
  const expand = fields.count(["mamba_expand", "expand"]) ?? 2;
  fields.flag("mamba_conv_bias");
  fields.flag("use_conv_bias");
  if (fields.flag("mamba_use_mlp") === false) fields.refuse("mamba_use_mlp", "true");
  const headDimension =
    typeof fields.value("mamba_d_head") === "string"
      ? undefined
      : fields.count(["mamba_head_dim", "mamba_d_head"]);
  return mamba2({
    hiddenSize,
    heads,
    headDimension: headDimension ?? Math.round((inner ?? expand * hiddenSize) / heads),
    stateSize: fields.required(["ssm_state_size", "mamba_d_state"], "the size of a state"),
    groups: fields.count(["n_groups", "mamba_n_groups"]) ?? 1,
    kernel: fields.count(["conv_kernel", "mamba_d_conv"]) ?? 4,
    stateElementBytes: readStateBytes(context),
    norm: fields.flag("mamba_rms_norm") ?? true,
    projectionBias: fields.flag("mamba_proj_bias") ?? false,
  });
}

function readMamba1(context: ShapeContext): LayerPart {
  const { fields, hiddenSize } = context;
  fields.flag("mamba_conv_bias");
  fields.flag("mamba_proj_bias");
  return mamba1({
    hiddenSize,
    inner: hiddenSize * (fields.count(["mamba_expand", "expand"]) ?? 2),
    stateSize: fields.required(["mamba_d_state", "state_size"], "the size of a state"),
    stepRank: fields.count(["mamba_dt_rank", "time_step_rank"]) ?? Math.ceil(hiddenSize / 16),
    kernel: fields.count(["mamba_d_conv", "conv_kernel"]) ?? 4,
    stateElementBytes: readStateBytes(context),
  });
}

function readConvolution({ fields, hiddenSize }: ShapeContext): LayerPart {
  const width = fields.count(["conv_dim"]) ?? hiddenSize;
  fields.value("conv_dim_out");
  fields.value("conv_bias");
  return shortConvolution(hiddenSize, width, fields.required(["conv_L_cache"], "its kernel"));
}

function readLinear(context: ShapeContext): LayerPart {
  const { fields, family, hiddenSize } = context;
  const kimi = fields.value("linear_attn_config");
  if (isObject(kimi)) {
    const [heads, headDimension] = [kimi.num_heads, kimi.head_dim].map(Number);
    if (!(heads! > 0) || !(headDimension! > 0))
      fields.refuse("linear_attn_config", "num_heads and head_dim");
    const kernel = Number(kimi.short_conv_kernel_size ?? 4);
    return kimiDelta({
      hiddenSize,
      heads: heads!,
      headDimension: headDimension!,
      kernel,
      stateElementBytes: readStateBytes(context),
    });
  }
  if (family.linear === "lightning") {
    const heads = fields.required(["num_attention_heads"], "the number of heads");
    return lightningAttention(hiddenSize, heads, fields.count(["head_dim"]) ?? hiddenSize / heads);
  }
  const valueHeads = fields.count(["linear_num_value_heads"]);
  if (valueHeads === undefined) {
    const key = ["layer_types", "attn_type_list"].find((each) => fields.value(each) !== undefined);
    fields.refuse(key ?? "full_attention_interval", "linear attention of a kind that is known");
  }
  return gatedDelta({
    hiddenSize,
    valueHeads: valueHeads ?? 1,
    keyHeads: fields.required(["linear_num_key_heads"], "the key heads of linear attention"),
    keyDimension: fields.required(["linear_key_head_dim"], "the size of its keys"),
    valueDimension: fields.required(["linear_value_head_dim"], "the size of its values"),
    kernel: fields.count(["linear_conv_kernel_dim"]) ?? 4,
    stateElementBytes: readStateBytes(context),
  });
}

const STATE_TYPES: Readonly<Record<string, number>> = { float32: 4, bfloat16: 2, float16: 2 };

function readStateBytes({ fields, assumptions }: ShapeContext): number {
  const named = fields.text("mamba_ssm_cache_dtype") ?? fields.text("mamba_ssm_dtype");
  if (named !== undefined && Object.hasOwn(STATE_TYPES, named)) return STATE_TYPES[named]!;
  assumptions.push({
    what: "the type of the recurrent states is not in the file",
    where: "mamba_ssm_cache_dtype",
    effect: "states are counted in 32 bits",
  });
  return STATE_BYTES;
}

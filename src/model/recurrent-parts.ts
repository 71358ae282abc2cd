import { matrix, vector } from "./layer-shape.js";
import type { LayerPart } from "./layer-shape.js";

/** Convolution states are kept in 16 bits. */
const CONVOLUTION_BYTES = 2;

/** Mamba-2: a state of `stateSize` for every inner channel, inputs in groups. */
export interface Mamba2 {
  readonly hiddenSize: number;
  readonly heads: number;
  readonly headDimension: number;
  readonly stateSize: number;
  readonly groups: number;
  readonly kernel: number;
  readonly stateElementBytes: number;
  /** The gated norm before the output projection. */
  readonly norm: boolean;
  readonly projectionBias: boolean;
}

/** Sizes: Dao and Gu, "Transformers are SSMs" (2024); states as vLLM keeps them: kernel − 1 columns. */
export function mamba2(shape: Mamba2): LayerPart {
  const { hiddenSize, heads, headDimension, stateSize, groups, kernel } = shape;
  const inner = heads * headDimension;
  const channels = inner + 2 * groups * stateSize;
  const projected = inner + channels + heads;
  return {
    tensors: [
      matrix(mixer("in_proj"), hiddenSize * projected),
      matrix(mixer("out_proj"), inner * hiddenSize),
      vector(mixer("conv1d"), channels * (kernel + 1)),
      vector("mixer.heads", 3 * heads + (shape.norm ? inner : 0)),
      vector("mixer.bias", shape.projectionBias ? projected + hiddenSize : 0),
    ],
    stateBytes:
      channels * (kernel - 1) * CONVOLUTION_BYTES + inner * stateSize * shape.stateElementBytes,
  };
}

/** Mamba-1 (Jamba): step sizes through a low rank, a state per inner channel. */
export interface Mamba1 {
  readonly hiddenSize: number;
  readonly inner: number;
  readonly stateSize: number;
  readonly stepRank: number;
  readonly kernel: number;
  readonly stateElementBytes: number;
}

/** Sizes: Gu and Dao, "Mamba" (2023). */
export function mamba1(shape: Mamba1): LayerPart {
  const { hiddenSize, inner, stateSize, stepRank, kernel } = shape;
  return {
    tensors: [
      matrix(mixer("in_proj"), hiddenSize * 2 * inner),
      matrix(mixer("x_proj"), inner * (stepRank + 2 * stateSize)),
      matrix(mixer("dt_proj"), stepRank * inner),
      matrix(mixer("out_proj"), inner * hiddenSize),
      vector(mixer("conv1d"), inner * (kernel + 1)),
      vector("mixer.states", inner * (stateSize + 2) + stepRank + 2 * stateSize),
    ],
    stateBytes:
      inner * (kernel - 1) * CONVOLUTION_BYTES + inner * stateSize * shape.stateElementBytes,
  };
}

/** Linear attention by the gated delta rule: one matrix of state per value head. */
export interface GatedDelta {
  readonly hiddenSize: number;
  readonly keyHeads: number;
  readonly valueHeads: number;
  readonly keyDimension: number;
  readonly valueDimension: number;
  readonly kernel: number;
  readonly stateElementBytes: number;
}

/** Sizes: Qwen3-Next's published code (gated DeltaNet). */
export function gatedDelta(shape: GatedDelta): LayerPart {
  const { hiddenSize, keyHeads, valueHeads, keyDimension, valueDimension, kernel } = shape;
  const keys = keyHeads * keyDimension;
  const values = valueHeads * valueDimension;
  const channels = 2 * keys + values;
  return {
    tensors: [
      matrix(linear("in_proj_qkvz", "in_proj_qkv"), hiddenSize * channels),
      matrix(linear("in_proj_qkvz", "in_proj_z"), hiddenSize * values),
      matrix(linear("in_proj_ba", "in_proj_a", "in_proj_b"), hiddenSize * 2 * valueHeads),
      matrix(linear("out_proj"), values * hiddenSize),
      vector(linear("conv1d"), channels * kernel),
      vector("linear_attn.heads", 2 * valueHeads + valueDimension),
    ],
    stateBytes:
      channels * (kernel - 1) * CONVOLUTION_BYTES +
      valueHeads * keyDimension * valueDimension * shape.stateElementBytes,
  };
}

/** Kimi Delta Attention: the delta rule with a gate per channel, through a low rank. */
export interface KimiDelta {
  readonly hiddenSize: number;
  readonly heads: number;
  readonly headDimension: number;
  readonly kernel: number;
  readonly stateElementBytes: number;
}

/** Sizes: Kimi Linear's published code. */
export function kimiDelta(shape: KimiDelta): LayerPart {
  const { hiddenSize, heads, headDimension, kernel } = shape;
  const width = heads * headDimension;
  const names = ["q_proj", "k_proj", "v_proj"].map((name) => `self_attn.${name}`);
  return {
    tensors: [
      ...names.map((name) => matrix(name, hiddenSize * width)),
      matrix("self_attn.f_proj", hiddenSize * headDimension + headDimension * width),
      matrix("self_attn.g_proj", hiddenSize * headDimension + headDimension * width),
      matrix("self_attn.b_proj", hiddenSize * heads),
      matrix("self_attn.o_proj", width * hiddenSize),
      vector("self_attn.conv1d", 3 * width * kernel),
      vector("self_attn.heads", heads + width + headDimension),
    ],
    stateBytes:
      3 * width * (kernel - 1) * CONVOLUTION_BYTES +
      width * headDimension * shape.stateElementBytes,
  };
}

/** Lightning attention (MiniMax-01): linear attention with a decay per head, always in 32 bits. */
export function lightningAttention(
  hiddenSize: number,
  heads: number,
  headDimension: number,
): LayerPart {
  const width = heads * headDimension;
  return {
    tensors: [
      matrix("self_attn.qkv_proj", 3 * hiddenSize * width),
      matrix("self_attn.output_gate", hiddenSize * width),
      matrix(["self_attn.out_proj", "self_attn.o_proj"], width * hiddenSize),
      vector("self_attn.norm", width),
    ],
    stateBytes: width * headDimension * 4,
  };
}

/** A gated short convolution (LFM2). */
export function shortConvolution(hiddenSize: number, width: number, kernel: number): LayerPart {
  return {
    tensors: [
      matrix("conv.in_proj", hiddenSize * 3 * width),
      matrix("conv.out_proj", width * hiddenSize),
      vector("conv.conv", width * kernel),
    ],
    stateBytes: width * (kernel - 1) * CONVOLUTION_BYTES,
  };
}

function mixer(name: string): readonly string[] {
  return [`mixer.${name}`, `mamba.${name}`];
}

function linear(...names: readonly string[]): readonly string[] {
  return names.map((name) => `linear_attn.${name}`);
}

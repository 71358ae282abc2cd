import { isObject } from "./config-fields.js";
import type { ConfigObject, UsedField } from "./config-fields.js";

/** Sizes of a vision transformer and of what joins it to the language part. Parameters, all of them. */
interface VisionTower {
  readonly hidden: number;
  readonly width: number;
  readonly layers: number;
  /** Inputs of one patch: channels · side² · frames. */
  readonly patch: number;
  /** Elements of learned positions and class tokens. */
  readonly positions: number;
  /** Matrices of a feed-forward block: 3 with a gate. */
  readonly matrices: 2 | 3;
  /** Biases in attention and in the feed-forward block. */
  readonly attentionBias: boolean;
  readonly blockBias: boolean;
  readonly patchBias: boolean;
  /** Norms carry a bias beside the weight. */
  readonly normBias: boolean;
  /** Norms of `hidden` outside the layers. */
  readonly outerNorms: number;
  /** What joins it to the language part. */
  readonly projector: number;
}

function countTower(tower: VisionTower): number {
  const { hidden, width, layers, matrices } = tower;
  const norm = hidden * (tower.normBias ? 2 : 1);
  const attention = 4 * hidden * hidden + (tower.attentionBias ? 4 * hidden : 0);
  const blockBias = tower.blockBias ? (matrices - 1) * width + hidden : 0;
  const layer = attention + matrices * hidden * width + blockBias + 2 * norm;
  const patches = tower.patch * hidden + (tower.patchBias ? hidden : 0);
  return layers * layer + patches + tower.positions + tower.outerNorms * norm + tower.projector;
}

/** A vision transformer as SigLIP has it: biases everywhere, no gate. */
const SIGLIP = {
  matrices: 2,
  attentionBias: true,
  blockBias: true,
  patchBias: true,
  normBias: true,
} as const;

/** How a family's vision part is built; `read` takes a size of it, or the family's own. */
type TowerOf = (read: ReadSize, textHidden: number, vision: ConfigObject) => VisionTower;
type ReadSize = (key: string, otherwise?: number) => number;

/** Gemma 3: SigLIP of 400 M, pooled to 256 tokens, one matrix and one norm. */
const gemma3: TowerOf = (read, textHidden) => {
  const hidden = read("hidden_size", 1152);
  const patch = read("patch_size", 14);
  return {
    ...SIGLIP,
    hidden,
    width: read("intermediate_size", 4304),
    layers: read("num_hidden_layers", 27),
    patch: 3 * patch ** 2,
    positions: Math.floor(read("image_size", 896) / patch) ** 2 * hidden,
    outerNorms: 1,
    projector: hidden * textHidden + hidden,
  };
};

/** Qwen3-VL and Qwen 3.5: learned positions, a merger of four patches, more of them from inner layers. */
const qwen3: TowerOf = (read, textHidden, vision) => {
  const hidden = read("hidden_size");
  const merged = hidden * read("spatial_merge_size") ** 2;
  const taps = Array.isArray(vision.deepstack_visual_indexes)
    ? vision.deepstack_visual_indexes.length
    : 0;
  const merger = merged * merged + merged + merged * textHidden + textHidden;
  return {
    ...SIGLIP,
    hidden,
    width: read("intermediate_size"),
    layers: read("depth"),
    patch: read("in_channels", 3) * read("patch_size") ** 2 * read("temporal_patch_size"),
    positions: read("num_position_embeddings") * hidden,
    outerNorms: 0,
    projector: (1 + taps) * merger + 2 * hidden + taps * 2 * merged,
  };
};

/** Qwen2.5-VL: gated blocks, no learned positions. */
const qwen25: TowerOf = (read, textHidden) => {
  const hidden = read("hidden_size", 1280);
  const merged = hidden * read("spatial_merge_size", 2) ** 2;
  return {
    hidden,
    width: read("intermediate_size", 3420),
    layers: read("depth", 32),
    patch: read("in_chans", 3) * read("patch_size", 14) ** 2 * read("temporal_patch_size", 2),
    positions: 0,
    matrices: 3,
    attentionBias: true,
    blockBias: true,
    patchBias: false,
    normBias: false,
    outerNorms: 1,
    projector: merged * merged + merged + merged * textHidden + textHidden,
  };
};

/** Kimi K2.5: MoonViT, a grid of learned positions, four patches merged. */
const kimi25: TowerOf = (read, textHidden, vision) => {
  const hidden = read("vt_hidden_size");
  const sides = Array.isArray(vision.merge_kernel_size) ? vision.merge_kernel_size : [2, 2];
  const merged = sides.reduce((product: number, side) => product * Number(side), hidden);
  return {
    ...SIGLIP,
    hidden,
    width: read("vt_intermediate_size"),
    layers: read("vt_num_hidden_layers"),
    patch: 3 * read("patch_size") ** 2,
    positions: read("init_pos_emb_height") * read("init_pos_emb_width") * hidden,
    outerNorms: 2,
    projector: merged * merged + merged + merged * textHidden + textHidden,
  };
};

/** Mistral 3: Pixtral, gated blocks without biases, patches merged by a matrix. */
const mistral3: TowerOf = (read, textHidden) => {
  const hidden = read("hidden_size", 1024);
  const merge = read("spatial_merge_size", 2) ** 2;
  return {
    hidden,
    width: read("intermediate_size", 4096),
    layers: read("num_hidden_layers", 24),
    patch: read("num_channels", 3) * read("patch_size", 14) ** 2,
    positions: 0,
    matrices: 3,
    attentionBias: false,
    blockBias: false,
    patchBias: false,
    normBias: false,
    outerNorms: 2,
    projector: merge * hidden * hidden + hidden * textHidden + textHidden * textHidden,
  };
};

/** Llama 4: a class token, two outer norms, an adapter of two matrices after four patches are one. */
const llama4: TowerOf = (read, textHidden) => {
  const hidden = read("hidden_size", 1408);
  const patch = read("patch_size", 14);
  const output = read("projector_output_dim", 4096);
  const width = read("intermediate_size", 5632);
  return {
    ...SIGLIP,
    hidden,
    width,
    layers: read("num_hidden_layers", 34),
    patch: read("num_channels", 3) * patch ** 2,
    patchBias: false,
    positions: (Math.floor(read("image_size", 336) / patch) ** 2 + 2) * hidden,
    outerNorms: 2,
    projector:
      width * read("projector_input_dim", 4096) +
      output * output +
      read("vision_output_dim", 4096) * textHidden,
  };
};

/** By the `model_type` of the whole model. Sizes: the published code of each. */
const TOWERS: Readonly<Record<string, TowerOf>> = {
  gemma3,
  qwen3_vl: qwen3,
  qwen3_vl_moe: qwen3,
  qwen3_5: qwen3,
  qwen3_5_moe: qwen3,
  qwen2_5_vl: qwen25,
  kimi_k25: kimi25,
  mistral3,
  llama4,
};

/** Colour images: files seldom say so. */
const USUAL = ["in_channels", "in_chans", "num_channels"];

export interface VisionCount {
  readonly parameters: number;
  /** Keys that the file lacks and the family's own figures stood in for. */
  readonly defaulted: readonly UsedField[];
}

/**
 * Parameters of the vision part of a multimodal model with what joins it to the language part; undefined
 * where its kind is not known or a size is missing. O(1).
 * @param config the object that holds `vision_config`.
 */
export function countVision(config: ConfigObject, textHidden: number): VisionCount | undefined {
  const { model_type: type, vision_config: vision } = config;
  if (typeof type !== "string" || !Object.hasOwn(TOWERS, type) || !isObject(vision))
    return undefined;
  const sizes: ConfigObject = { spatial_merge_size: config.spatial_merge_size, ...vision };
  const defaulted: UsedField[] = [];
  let missing = false;
  const read: ReadSize = (key, otherwise) => {
    const value = sizes[key];
    if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
    if (otherwise === undefined) missing = true;
    else if (!USUAL.includes(key))
      defaulted.push({ key: `vision_config.${key}`, value: otherwise });
    return otherwise ?? 1;
  };
  const parameters = countTower(TOWERS[type]!(read, textHidden, vision));
  return missing ? undefined : { parameters, defaulted };
}

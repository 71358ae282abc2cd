import type { ConfigObject } from "./config-fields.js";

const SIGLIP_400M = {
  hidden_size: 1152,
  intermediate_size: 4304,
  num_hidden_layers: 27,
  image_size: 896,
  patch_size: 14,
};
const QWEN_VISION = {
  hidden_size: 1152,
  intermediate_size: 4304,
  depth: 27,
  patch_size: 16,
  temporal_patch_size: 2,
  spatial_merge_size: 2,
  num_position_embeddings: 2304,
};
const LLAMA_4_VISION = {
  hidden_size: 1408,
  intermediate_size: 5632,
  num_hidden_layers: 34,
  image_size: 336,
  patch_size: 14,
  projector_input_dim: 4096,
  projector_output_dim: 4096,
  vision_output_dim: 4096,
};
const GEMMA_3 = { model_type: "gemma3", vision_config: SIGLIP_400M };
const LLAMA_4 = { model_type: "llama4", vision_config: LLAMA_4_VISION };

/** What stands around the language part of presets that see, by preset name. */
const VISION: Readonly<Record<string, ConfigObject>> = {
  "gemma-3-4b": GEMMA_3,
  "gemma-3-12b": GEMMA_3,
  "gemma-3-27b": GEMMA_3,
  "llama-4-scout": LLAMA_4,
  "llama-4-maverick": LLAMA_4,
  "qwen-3.5-27b": { model_type: "qwen3_5", vision_config: QWEN_VISION },
  "qwen-3.5-35b-a3b": { model_type: "qwen3_5_moe", vision_config: QWEN_VISION },
};

/** The whole configuration of a preset whose language part is given. */
export function withPresetVision(name: string, language: ConfigObject): ConfigObject {
  const outer = Object.hasOwn(VISION, name) ? VISION[name] : undefined;
  return outer === undefined ? language : { ...outer, text_config: language };
}

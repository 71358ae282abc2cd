import type { ConfigObject } from "./config-fields.js";

const LLAMA_2_VOCABULARY = 32_000;
const LLAMA_3_VOCABULARY = 128_256;
const LLAMA_3_8B = dense("llama", 32, 4096, 32, 8, 14_336, LLAMA_3_VOCABULARY);
const LLAMA_3_70B = dense("llama", 80, 8192, 64, 8, 28_672, LLAMA_3_VOCABULARY);
const LLAMA_3_405B = dense("llama", 126, 16_384, 128, 8, 53_248, LLAMA_3_VOCABULARY);

const DEEPSEEK_V3: ConfigObject = {
  ...dense("deepseek_v3", 61, 7168, 128, 128, 18_432, 129_280),
  ...latent(1536, 128, 128),
  n_routed_experts: 256,
  num_experts_per_tok: 8,
  n_shared_experts: 1,
  moe_intermediate_size: 2048,
  first_k_dense_replace: 3,
};
const LLAMA_4: ConfigObject = {
  ...dense("llama4_text", 48, 5120, 40, 8, 8192, 202_048),
  intermediate_size_mlp: 16_384,
  num_experts_per_tok: 1,
  attention_chunk_size: 8192,
};

/** The keys of each model's published `config.json` that say what it is, by preset name. */
export const PRESET_CONFIGS: Readonly<Record<string, ConfigObject>> = {
  "llama-2-7b": dense("llama", 32, 4096, 32, 32, 11_008, LLAMA_2_VOCABULARY),
  "llama-2-13b": dense("llama", 40, 5120, 40, 40, 13_824, LLAMA_2_VOCABULARY),
  "llama-2-70b": dense("llama", 80, 8192, 64, 8, 28_672, LLAMA_2_VOCABULARY),
  "llama-30b": dense("llama", 60, 6656, 52, 52, 17_920, LLAMA_2_VOCABULARY),
  "llama-3-8b": LLAMA_3_8B,
  "llama-3-70b": LLAMA_3_70B,
  "llama-3-405b": LLAMA_3_405B,
  "llama-3.1-8b": LLAMA_3_8B,
  "llama-3.1-70b": LLAMA_3_70B,
  "llama-3.1-405b": LLAMA_3_405B,
  "llama-3.2-1b": {
    ...dense("llama", 16, 2048, 32, 8, 8192, LLAMA_3_VOCABULARY),
    tie_word_embeddings: true,
  },
  "llama-3.2-3b": {
    ...dense("llama", 28, 3072, 24, 8, 8192, LLAMA_3_VOCABULARY),
    tie_word_embeddings: true,
  },
  "llama-3.3-70b": LLAMA_3_70B,
  "mistral-7b": dense("mistral", 32, 4096, 32, 8, 14_336, 32_000),
  "mixtral-8x7b": {
    ...dense("mixtral", 32, 4096, 32, 8, 14_336, 32_000),
    num_local_experts: 8,
    num_experts_per_tok: 2,
  },
  "mixtral-8x22b": {
    ...dense("mixtral", 56, 6144, 48, 8, 16_384, 32_768),
    num_local_experts: 8,
    num_experts_per_tok: 2,
  },
  "qwen-2.5-7b": dense("qwen2", 28, 3584, 28, 4, 18_944, 152_064),
  "qwen-2.5-14b": dense("qwen2", 48, 5120, 40, 8, 13_824, 152_064),
  "qwen-2.5-32b": dense("qwen2", 64, 5120, 40, 8, 27_648, 152_064),
  "qwen-2.5-72b": dense("qwen2", 80, 8192, 64, 8, 29_568, 152_064),
  "qwen-3-8b": dense("qwen3", 36, 4096, 32, 8, 12_288, 151_936),
  "qwen-3-32b": { ...dense("qwen3", 64, 5120, 64, 8, 25_600, 151_936), head_dim: 128 },
  "qwen-3-30b-a3b": {
    ...dense("qwen3_moe", 48, 2048, 32, 4, 6144, 151_936),
    head_dim: 128,
    num_experts: 128,
    num_experts_per_tok: 8,
    moe_intermediate_size: 768,
  },
  "qwen-3-235b-a22b": {
    ...dense("qwen3_moe", 94, 4096, 64, 4, 12_288, 151_936),
    head_dim: 128,
    num_experts: 128,
    num_experts_per_tok: 8,
    moe_intermediate_size: 1536,
  },
  "qwen-3-0.6b": tied({ ...dense("qwen3", 28, 1024, 16, 8, 3072, 151_936), head_dim: 128 }),
  "qwen-3-1.7b": tied({ ...dense("qwen3", 28, 2048, 16, 8, 6144, 151_936), head_dim: 128 }),
  "qwen-3-4b": tied({ ...dense("qwen3", 36, 2560, 32, 8, 9728, 151_936), head_dim: 128 }),
  "qwen-3-14b": { ...dense("qwen3", 40, 5120, 40, 8, 17_408, 151_936), head_dim: 128 },
  "qwen-3-next-80b-a3b": {
    ...dense("qwen3_next", 48, 2048, 16, 2, 5120, 151_936),
    ...deltaNet(32),
    num_experts: 512,
    num_experts_per_tok: 10,
    moe_intermediate_size: 512,
    shared_expert_intermediate_size: 512,
  },
  "qwen-3.5-27b": { ...dense("qwen3_5_text", 64, 5120, 24, 4, 17_408, 248_320), ...deltaNet(48) },
  "qwen-3.5-35b-a3b": {
    ...dense("qwen3_5_moe_text", 40, 2048, 16, 2, 512, 248_320),
    ...deltaNet(32),
    num_experts: 256,
    num_experts_per_tok: 8,
    moe_intermediate_size: 512,
    shared_expert_intermediate_size: 512,
  },
  "llama-4-scout": { ...LLAMA_4, num_local_experts: 16, interleave_moe_layer_step: 1 },
  "llama-4-maverick": { ...LLAMA_4, num_local_experts: 128, interleave_moe_layer_step: 2 },
  "gpt-oss-20b": gptOss(24, 32),
  "gpt-oss-120b": gptOss(36, 128),
  "deepseek-v3": DEEPSEEK_V3,
  "deepseek-v3.1": DEEPSEEK_V3,
  "deepseek-r1": DEEPSEEK_V3,
  "deepseek-v3.2": {
    ...DEEPSEEK_V3,
    model_type: "deepseek_v32",
    index_n_heads: 64,
    index_head_dim: 128,
  },
  "kimi-k2": {
    ...DEEPSEEK_V3,
    model_type: "kimi_k2",
    num_attention_heads: 64,
    num_key_value_heads: 64,
    vocab_size: 163_840,
    n_routed_experts: 384,
    first_k_dense_replace: 1,
  },
  "glm-4.5": {
    ...dense("glm4_moe", 92, 5120, 96, 8, 12_288, 151_552),
    ...glmExperts(160, 1536, 3),
    use_qk_norm: true,
  },
  "glm-4.5-air": {
    ...dense("glm4_moe", 46, 4096, 96, 8, 10_944, 151_552),
    ...glmExperts(128, 1408, 1),
  },
  "glm-5": {
    ...dense("glm_moe_dsa", 78, 6144, 64, 64, 12_288, 154_880),
    ...latent(2048, 192, 256),
    n_routed_experts: 256,
    num_experts_per_tok: 8,
    n_shared_experts: 1,
    moe_intermediate_size: 2048,
    first_k_dense_replace: 3,
    index_n_heads: 32,
    index_head_dim: 128,
  },
  "minimax-m2": {
    ...dense("minimax_m2", 62, 3072, 48, 8, 1536, 200_064),
    head_dim: 128,
    num_local_experts: 256,
    num_experts_per_tok: 8,
    use_qk_norm: true,
  },
  "mistral-nemo-12b": { ...dense("mistral", 40, 5120, 32, 8, 14_336, 131_072), head_dim: 128 },
  "mistral-small-24b": { ...dense("mistral", 40, 5120, 32, 8, 32_768, 131_072), head_dim: 128 },
  "mistral-large-123b": dense("mistral", 88, 12_288, 96, 8, 28_672, 32_768),
  "gemma-3-1b": gemma3(26, 1152, 4, 1, 6912, 512, 256, 262_144),
  "gemma-3-4b": gemma3(34, 2560, 8, 4, 10_240, 1024, 256, 262_208),
  "gemma-3-12b": gemma3(48, 3840, 16, 8, 15_360, 1024, 256, 262_208),
  "gemma-3-27b": gemma3(62, 5376, 32, 16, 21_504, 1024, 128, 262_208),
  "gemma-2-9b": {
    ...dense("gemma2", 42, 3584, 16, 8, 14_336, 256_000),
    head_dim: 256,
    sliding_window: 4096,
    tie_word_embeddings: true,
  },
  "gemma-2-27b": {
    ...dense("gemma2", 46, 4608, 32, 16, 36_864, 256_000),
    head_dim: 128,
    sliding_window: 4096,
    tie_word_embeddings: true,
  },
  "phi-3-mini": dense("phi3", 32, 3072, 32, 32, 8192, 32_064),
  "phi-3-medium": dense("phi3", 40, 5120, 40, 10, 17_920, 32_064),
  "phi-4": dense("phi3", 40, 5120, 40, 10, 17_920, 100_352),
};

function tied(config: ConfigObject): ConfigObject {
  return { ...config, tie_word_embeddings: true };
}

function latent(queryRank: number, nope: number, value: number): ConfigObject {
  return {
    q_lora_rank: queryRank,
    kv_lora_rank: 512,
    qk_nope_head_dim: nope,
    qk_rope_head_dim: 64,
    v_head_dim: value,
  };
}

function deltaNet(valueHeads: number): ConfigObject {
  return {
    head_dim: 256,
    full_attention_interval: 4,
    linear_num_key_heads: 16,
    linear_num_value_heads: valueHeads,
    linear_key_head_dim: 128,
    linear_value_head_dim: 128,
    linear_conv_kernel_dim: 4,
    mamba_ssm_dtype: "float32",
  };
}

function gptOss(layers: number, experts: number): ConfigObject {
  return {
    ...dense("gpt_oss", layers, 2880, 64, 8, 2880, 201_088),
    head_dim: 64,
    num_local_experts: experts,
    num_experts_per_tok: 4,
    sliding_window: 128,
    quantization_config: {
      quant_method: "mxfp4",
      modules_to_not_convert: ["model.layers.*.self_attn", "model.layers.*.mlp.router", "lm_head"],
    },
  };
}

function glmExperts(experts: number, width: number, dense: number): ConfigObject {
  return {
    head_dim: 128,
    attention_bias: true,
    n_routed_experts: experts,
    num_experts_per_tok: 8,
    n_shared_experts: 1,
    moe_intermediate_size: width,
    first_k_dense_replace: dense,
  };
}

function gemma3(
  layers: number,
  hidden: number,
  heads: number,
  keyValueHeads: number,
  intermediate: number,
  window: number,
  headDimension: number,
  vocabulary: number,
): ConfigObject {
  return {
    ...dense("gemma3_text", layers, hidden, heads, keyValueHeads, intermediate, vocabulary),
    head_dim: headDimension,
    sliding_window: window,
    tie_word_embeddings: true,
  };
}

function dense(
  type: string,
  layers: number,
  hidden: number,
  heads: number,
  keyValueHeads: number,
  intermediate: number,
  vocabulary: number,
): ConfigObject {
  return {
    model_type: type,
    num_hidden_layers: layers,
    hidden_size: hidden,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    intermediate_size: intermediate,
    vocab_size: vocabulary,
    tie_word_embeddings: false,
  };
}

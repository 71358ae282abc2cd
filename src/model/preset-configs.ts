import type { ConfigObject } from "./config-fields.js";

const LLAMA_2_VOCABULARY = 32_000;
const LLAMA_3_VOCABULARY = 128_256;
const LLAMA_3_8B = dense("llama", 32, 4096, 32, 8, 14_336, LLAMA_3_VOCABULARY);
const LLAMA_3_70B = dense("llama", 80, 8192, 64, 8, 28_672, LLAMA_3_VOCABULARY);
const LLAMA_3_405B = dense("llama", 126, 16_384, 128, 8, 53_248, LLAMA_3_VOCABULARY);

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
  "deepseek-v3": {
    ...dense("deepseek_v3", 61, 7168, 128, 128, 18_432, 129_280),
    q_lora_rank: 1536,
    kv_lora_rank: 512,
    qk_nope_head_dim: 128,
    qk_rope_head_dim: 64,
    v_head_dim: 128,
    n_routed_experts: 256,
    num_experts_per_tok: 8,
    n_shared_experts: 1,
    moe_intermediate_size: 2048,
    first_k_dense_replace: 3,
  },
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

import type { ModelShape } from "../core/model-shape.js";

const BF16 = { weightBytes: 2, kvElementBytes: 2, tiedEmbeddings: false } as const;
const LLAMA_2_VOCABULARY = 32_000;
const LLAMA_3_VOCABULARY = 128_256;
const LLAMA_3_8B = dense(32, 4096, 32, 8, 14_336, LLAMA_3_VOCABULARY);
const LLAMA_3_70B = dense(80, 8192, 64, 8, 28_672, LLAMA_3_VOCABULARY);
const LLAMA_3_405B = dense(126, 16_384, 128, 8, 53_248, LLAMA_3_VOCABULARY);
const QKV_BIAS = { attentionBias: "qkv" } as const;
const GEMMA_2 = { normsPerLayer: 4, tiedEmbeddings: true } as const;

/** Public shapes (each model's published `config.json`), by preset name. */
export const PRESET_SHAPES: Readonly<Record<string, ModelShape>> = {
  "llama-2-7b": dense(32, 4096, 32, 32, 11_008, LLAMA_2_VOCABULARY),
  "llama-2-13b": dense(40, 5120, 40, 40, 13_824, LLAMA_2_VOCABULARY),
  "llama-2-70b": dense(80, 8192, 64, 8, 28_672, LLAMA_2_VOCABULARY),
  "llama-30b": dense(60, 6656, 52, 52, 17_920, LLAMA_2_VOCABULARY),
  "llama-3-8b": LLAMA_3_8B,
  "llama-3-70b": LLAMA_3_70B,
  "llama-3-405b": LLAMA_3_405B,
  "llama-3.1-8b": LLAMA_3_8B,
  "llama-3.1-70b": LLAMA_3_70B,
  "llama-3.1-405b": LLAMA_3_405B,
  "llama-3.2-1b": {
    ...dense(16, 2048, 32, 8, 8192, LLAMA_3_VOCABULARY),
    tiedEmbeddings: true,
  },
  "llama-3.2-3b": {
    ...dense(28, 3072, 24, 8, 8192, LLAMA_3_VOCABULARY),
    tiedEmbeddings: true,
  },
  "llama-3.3-70b": LLAMA_3_70B,
  "mistral-7b": dense(32, 4096, 32, 8, 14_336, 32_000),
  "mixtral-8x7b": {
    ...dense(32, 4096, 32, 8, 14_336, 32_000),
    experts: { total: 8, active: 2 },
  },
  "mixtral-8x22b": {
    ...dense(56, 6144, 48, 8, 16_384, 32_768),
    experts: { total: 8, active: 2 },
  },
  "qwen-2.5-7b": { ...dense(28, 3584, 28, 4, 18_944, 152_064), ...QKV_BIAS },
  "qwen-2.5-14b": { ...dense(48, 5120, 40, 8, 13_824, 152_064), ...QKV_BIAS },
  "qwen-2.5-32b": { ...dense(64, 5120, 40, 8, 27_648, 152_064), ...QKV_BIAS },
  "qwen-2.5-72b": { ...dense(80, 8192, 64, 8, 29_568, 152_064), ...QKV_BIAS },
  "qwen-3-8b": { ...dense(36, 4096, 32, 8, 12_288, 151_936), extraLayerParameters: 256 },
  "qwen-3-32b": {
    ...dense(64, 5120, 64, 8, 25_600, 151_936),
    headDimension: 128,
    extraLayerParameters: 256,
  },
  "qwen-3-30b-a3b": {
    ...dense(48, 2048, 32, 4, 6144, 151_936),
    headDimension: 128,
    extraLayerParameters: 256,
    experts: { total: 128, active: 8, intermediateSize: 768 },
  },
  "qwen-3-235b-a22b": {
    ...dense(94, 4096, 64, 4, 12_288, 151_936),
    headDimension: 128,
    extraLayerParameters: 256,
    experts: { total: 128, active: 8, intermediateSize: 1536 },
  },
  "deepseek-v3": {
    ...dense(61, 7168, 128, 128, 18_432, 129_280),
    latentAttention: {
      queryRank: 1536,
      keyValueRank: 512,
      nopeDimension: 128,
      ropeDimension: 64,
      valueDimension: 128,
    },
    experts: {
      total: 256,
      active: 8,
      intermediateSize: 2048,
      sharedIntermediateSize: 2048,
      routerBias: true,
      denseLayers: [0, 1, 2],
    },
  },
  "gemma-2-9b": {
    ...dense(42, 3584, 16, 8, 14_336, 256_000),
    ...GEMMA_2,
    headDimension: 256,
    slidingWindow: { tokens: 4096, layers: 21 },
  },
  "gemma-2-27b": {
    ...dense(46, 4608, 32, 16, 36_864, 256_000),
    ...GEMMA_2,
    headDimension: 128,
    slidingWindow: { tokens: 4096, layers: 23 },
  },
  "phi-3-mini": dense(32, 3072, 32, 32, 8192, 32_064),
  "phi-3-medium": dense(40, 5120, 40, 10, 17_920, 32_064),
  "phi-4": dense(40, 5120, 40, 10, 17_920, 100_352),
};

function dense(
  layers: number,
  hiddenSize: number,
  attentionHeads: number,
  keyValueHeads: number,
  intermediateSize: number,
  vocabularySize: number,
): ModelShape {
  return {
    ...BF16,
    layers,
    hiddenSize,
    attentionHeads,
    keyValueHeads,
    headDimension: hiddenSize / attentionHeads,
    intermediateSize,
    vocabularySize,
  };
}

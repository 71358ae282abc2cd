import type { ModelShape } from "../core/model-shape.js";

/** What the code of a model family fixes and its config.json therefore does not say. */
export interface ModelFamily extends Partial<
  Pick<
    ModelShape,
    | "feedForwardMatrices"
    | "normsPerLayer"
    | "normBias"
    | "attentionBias"
    | "feedForwardBias"
    | "headBias"
    | "embeddingNorm"
    | "tiedEmbeddings"
  >
> {
  /** Norms of each head's query and key. */
  readonly headNorms?: boolean;
  /** Norms over all queries and all keys of a layer. */
  readonly wideNorms?: boolean;
  /** Feed-forward width over hidden size where the file has none. */
  readonly expansion?: number;
  /** Learned positions beyond those the file counts; undefined where positions are computed. */
  readonly extraPositions?: number;
  readonly sharedGate?: boolean;
  readonly routerBias?: boolean;
  readonly expertBias?: boolean;
  /** `intermediate_size` is the width of an expert, and a shared one of that width runs beside them. */
  readonly expertsInWidth?: boolean;
  /** One learned sink per attention head. */
  readonly sinks?: boolean;
}

const PLAIN_BLOCK = { feedForwardMatrices: 2, normBias: true, expansion: 4 } as const;
const ALL_BIASES = { attentionBias: "all", feedForwardBias: true } as const;

/** Families by `model_type`; what is not listed is counted like Llama, and said so. */
export const MODEL_FAMILIES: Readonly<Record<string, ModelFamily>> = {
  llama: {},
  llama4_text: { expertsInWidth: true },
  mistral: {},
  mixtral: {},
  phi3: {},
  phimoe: {},
  qwen2: { attentionBias: "qkv" },
  qwen2_vl_text: { attentionBias: "qkv" },
  qwen2_5_vl_text: { attentionBias: "qkv" },
  qwen2_moe: { attentionBias: "qkv", sharedGate: true },
  qwen3: { headNorms: true },
  qwen3_moe: { headNorms: true },
  gemma: { tiedEmbeddings: true },
  gemma2: { tiedEmbeddings: true, normsPerLayer: 4 },
  gemma3_text: { tiedEmbeddings: true, normsPerLayer: 4, headNorms: true },
  cohere: { tiedEmbeddings: true, normsPerLayer: 1 },
  olmo: { normsPerLayer: 0 },
  olmo2: { wideNorms: true },
  olmoe: { wideNorms: true },
  granite: {},
  internlm2: {},
  chatglm: {},
  dbrx: {},
  deepseek_v2: {},
  deepseek_v3: { routerBias: true },
  kimi_k2: { routerBias: true },
  minicpm3: {},
  gpt_oss: { attentionBias: "all", routerBias: true, expertBias: true, sinks: true },
  phi: { ...PLAIN_BLOCK, ...ALL_BIASES, normsPerLayer: 1, headBias: true },
  gpt2: { ...PLAIN_BLOCK, ...ALL_BIASES, tiedEmbeddings: true, extraPositions: 0 },
  opt: { ...PLAIN_BLOCK, ...ALL_BIASES, tiedEmbeddings: true, extraPositions: 2 },
  bloom: { ...PLAIN_BLOCK, ...ALL_BIASES, tiedEmbeddings: true, embeddingNorm: true },
  gpt_neox: { ...PLAIN_BLOCK, ...ALL_BIASES },
  falcon: { ...PLAIN_BLOCK, tiedEmbeddings: true, normsPerLayer: 1 },
  mpt: { ...PLAIN_BLOCK, normBias: false, tiedEmbeddings: true },
};

/** Families with layers that are not attention: neither their cost nor their cache is known here. */
export const UNSUPPORTED_FAMILIES: readonly string[] = [
  "mamba",
  "mamba2",
  "falcon_mamba",
  "jamba",
  "rwkv",
  "rwkv5",
  "recurrent_gemma",
  "zamba",
  "zamba2",
  "bamba",
  "nemotron_h",
  "qwen3_next",
  "t5",
  "bart",
  "whisper",
  "bert",
];

/** What the code of a model family fixes and its config.json therefore does not say. */
export interface ModelFamily {
  /** Matrices of a feed-forward block: 3 with a gate (default), 2 without. */
  readonly feedForwardMatrices?: 2 | 3;
  /** Norms per layer, of the hidden size each. Default 2, or 1 where a layer is a single part. */
  readonly normsPerLayer?: number;
  /** Norms carry a bias beside the weight (LayerNorm). */
  readonly normBias?: boolean;
  readonly attentionBias?: "none" | "qkv" | "all";
  /** What `attention_bias: true` means: all four projections (default), or all but the output. */
  readonly biasMeans?: "qkv" | "all";
  readonly feedForwardBias?: boolean;
  readonly headBias?: boolean;
  readonly embeddingNorm?: boolean;
  readonly tiedEmbeddings?: boolean;
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
  /** A dense block runs beside the experts in every layer. */
  readonly denseBeside?: boolean;
  /** One learned sink per attention head. */
  readonly sinks?: boolean;
  /** Every so many layers one looks at everything, the others at the window. Default: all at the window. */
  readonly fullEvery?: number;
  /** The window counts only where `use_sliding_window` says so, from `max_window_layers` on. */
  readonly windowOnDemand?: boolean;
  /** Queries come with a gate unless `attn_output_gate` denies it. */
  readonly gatedAttention?: boolean;
  /** A layer is two of attention and dense block each, experts beside them (LongCat-Flash). */
  readonly shortcut?: boolean;
  /** Attention and Mamba stand side by side in every layer. */
  readonly parallelMamba?: boolean;
  /** What linear attention is where the file says "linear". */
  readonly linear?: "lightning";
  /** What its code takes where the file has no such key. */
  readonly defaults?: Readonly<Record<string, number>>;
}

const PLAIN_BLOCK = { feedForwardMatrices: 2, normBias: true, expansion: 4 } as const;
const ALL_BIASES = { attentionBias: "all", feedForwardBias: true } as const;
const GEMMA_3: ModelFamily = {
  tiedEmbeddings: true,
  normsPerLayer: 4,
  headNorms: true,
  fullEvery: 6,
  defaults: {
    head_dim: 256,
    vocab_size: 262_208,
    num_attention_heads: 8,
    num_key_value_heads: 4,
    sliding_window: 4096,
  },
};
const QWEN_NEXT: ModelFamily = {
  headNorms: true,
  sharedGate: true,
  gatedAttention: true,
  windowOnDemand: true,
};
const QWEN_2: ModelFamily = { attentionBias: "qkv", windowOnDemand: true };
const QWEN_3: ModelFamily = { headNorms: true, windowOnDemand: true };
const GLM_4: ModelFamily = { biasMeans: "qkv", routerBias: true };
const NEMOTRON_H: ModelFamily = { feedForwardMatrices: 2, routerBias: true };
/** Every published Granite 4 hybrid has these sizes. */
const GRANITE_4: ModelFamily = {
  tiedEmbeddings: true,
  defaults: {
    mamba_n_heads: 128,
    mamba_d_head: 64,
    mamba_d_state: 128,
    mamba_n_groups: 1,
    mamba_d_conv: 4,
  },
};
const FIRST_DEEPSEEK: ModelFamily = {};
const DEEPSEEK: ModelFamily = { routerBias: true };

/** Families by `model_type`. */
export const MODEL_FAMILIES: Readonly<Record<string, ModelFamily>> = {
  llama: {},
  llama4_text: { expertsInWidth: true, fullEvery: 4 },
  mistral: {},
  mistral3: {},
  ministral: {},
  ministral3: {},
  mixtral: {},
  phi3: {},
  phimoe: { normBias: true, headBias: true, attentionBias: "all" },
  qwen2: QWEN_2,
  qwen2_vl: QWEN_2,
  qwen2_5_vl: QWEN_2,
  qwen2_vl_text: QWEN_2,
  qwen2_5_vl_text: QWEN_2,
  qwen2_moe: { ...QWEN_2, sharedGate: true },
  qwen3: QWEN_3,
  qwen3_moe: QWEN_3,
  qwen3_vl_text: QWEN_3,
  qwen3_vl_moe_text: QWEN_3,
  qwen3_next: QWEN_NEXT,
  qwen3_5_text: QWEN_NEXT,
  qwen3_5_moe_text: QWEN_NEXT,
  gemma: { tiedEmbeddings: true, defaults: { head_dim: 256 } },
  gemma2: {
    tiedEmbeddings: true,
    normsPerLayer: 4,
    fullEvery: 2,
    defaults: { head_dim: 256, sliding_window: 4096, vocab_size: 256_000 },
  },
  gemma3: GEMMA_3,
  gemma3_text: GEMMA_3,
  gemma4_text: { tiedEmbeddings: true, normsPerLayer: 7, headNorms: true, denseBeside: true },
  cohere: { tiedEmbeddings: true, normsPerLayer: 1 },
  cohere2: { tiedEmbeddings: true, normsPerLayer: 1, fullEvery: 4 },
  olmo: { normsPerLayer: 0 },
  olmo2: { wideNorms: true },
  olmo3: { wideNorms: true, fullEvery: 4 },
  olmoe: { wideNorms: true },
  granite: {},
  granitemoe: {},
  granitemoeshared: {},
  granitemoehybrid: GRANITE_4,
  internlm2: {},
  internlm3: {},
  smollm3: {},
  seed_oss: { attentionBias: "qkv" },
  exaone4: { headNorms: true, fullEvery: 4 },
  apertus: { feedForwardMatrices: 2, headNorms: true },
  nemotron: { feedForwardMatrices: 2, normBias: true },
  "nemotron-nas": {},
  deci: {},
  nemotron_h: NEMOTRON_H,
  arcee: { feedForwardMatrices: 2 },
  starcoder2: { ...PLAIN_BLOCK, ...ALL_BIASES, tiedEmbeddings: true },
  chatglm: {},
  glm: { attentionBias: "qkv" },
  glm4: { attentionBias: "qkv", normsPerLayer: 4 },
  glm4_moe: GLM_4,
  glm4v_moe_text: GLM_4,
  glm4_moe_lite: GLM_4,
  glm_moe_dsa: GLM_4,
  dbrx: {},
  dots1: { headNorms: true, routerBias: true },
  deepseek_v2: FIRST_DEEPSEEK,
  deepseek_v3: DEEPSEEK,
  deepseek_v32: DEEPSEEK,
  kimi_k2: DEEPSEEK,
  kimi_linear: DEEPSEEK,
  minicpm3: {},
  minimax_m1: { linear: "lightning" },
  minimax: { linear: "lightning" },
  minimax_text_01: { linear: "lightning" },
  minimax_m2: { routerBias: true },
  minimax_m3: { routerBias: true },
  longcat_flash: { routerBias: true, shortcut: true },
  step3_text: {},
  ernie4_5: {},
  ernie4_5_moe: { routerBias: true },
  hunyuan_v1_moe: {},
  hunyuan_v1_dense: {},
  jamba: {},
  bamba: {},
  falcon_h1: { parallelMamba: true },
  lfm2: { headNorms: true, tiedEmbeddings: true },
  lfm2_moe: { headNorms: true, tiedEmbeddings: true, routerBias: true },
  gpt_oss: {
    attentionBias: "all",
    routerBias: true,
    expertBias: true,
    sinks: true,
    fullEvery: 2,
  },
  phi: { ...PLAIN_BLOCK, ...ALL_BIASES, normsPerLayer: 1, headBias: true },
  gpt2: { ...PLAIN_BLOCK, ...ALL_BIASES, tiedEmbeddings: true, extraPositions: 0 },
  opt: { ...PLAIN_BLOCK, ...ALL_BIASES, tiedEmbeddings: true, extraPositions: 2 },
  bloom: { ...PLAIN_BLOCK, ...ALL_BIASES, tiedEmbeddings: true, embeddingNorm: true },
  gpt_neox: { ...PLAIN_BLOCK, ...ALL_BIASES },
  falcon: { ...PLAIN_BLOCK, tiedEmbeddings: true, normsPerLayer: 1 },
  mpt: { ...PLAIN_BLOCK, normBias: false, tiedEmbeddings: true },
};

/** Families whose layers are built in a way that no key tells. */
export const UNSUPPORTED_FAMILIES: readonly string[] = [
  "mamba",
  "mamba2",
  "falcon_mamba",
  "rwkv",
  "rwkv5",
  "rwkv7",
  "recurrent_gemma",
  "zamba",
  "zamba2",
  "mllama_text_model",
  "gemma3n_text",
  "arctic",
  "t5",
  "bart",
  "whisper",
  "bert",
];

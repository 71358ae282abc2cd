import { describe, expect, it } from "vitest";
import type { Model } from "../../src/core/model.js";
import { readHuggingFaceConfig } from "../../src/model/hugging-face-config.js";

type Config = Readonly<Record<string, unknown>>;

function read(config: Config): Model {
  const outcome = readHuggingFaceConfig(config, { name: "today" });
  if (outcome.kind !== "model") throw new Error(JSON.stringify(outcome.problems));
  return outcome.model;
}

function refused(config: Config): readonly string[] {
  const outcome = readHuggingFaceConfig(config, { name: "today" });
  return outcome.kind === "problems" ? outcome.problems.map(({ path }) => path) : [];
}

function decoder(
  model_type: string,
  [layers, hidden, heads, keyValueHeads, width, vocabulary]: readonly number[],
): Config {
  return {
    model_type,
    num_hidden_layers: layers,
    hidden_size: hidden,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    intermediate_size: width,
    vocab_size: vocabulary,
    tie_word_embeddings: false,
  };
}

/** Configurations in the words of the published files, with the totals of the checkpoints. */
const PUBLISHED: readonly (readonly [name: string, total: number, config: Config])[] = [
  [
    "Qwen2.5-VL-7B, both parts in one object",
    8_292_166_656,
    {
      ...decoder("qwen2_5_vl", [28, 3584, 28, 4, 18_944, 152_064]),
      sliding_window: 32_768,
      use_sliding_window: false,
      max_window_layers: 28,
      vision_config: {
        depth: 32,
        hidden_size: 1280,
        intermediate_size: 3420,
        num_heads: 16,
        in_chans: 3,
        patch_size: 14,
        spatial_merge_size: 2,
        temporal_patch_size: 2,
        window_size: 112,
        fullatt_block_indexes: [7, 15, 23, 31],
      },
    },
  ],
  [
    "Qwen3-VL-8B, with features of inner layers",
    8_767_123_696,
    {
      model_type: "qwen3_vl",
      text_config: {
        ...decoder("qwen3_vl_text", [36, 4096, 32, 8, 12_288, 151_936]),
        head_dim: 128,
      },
      vision_config: {
        deepstack_visual_indexes: [8, 16, 24],
        depth: 27,
        hidden_size: 1152,
        intermediate_size: 4304,
        num_position_embeddings: 2304,
        patch_size: 16,
        spatial_merge_size: 2,
        temporal_patch_size: 2,
      },
    },
  ],
  [
    "Phi-4-mini",
    3_836_021_760,
    {
      ...decoder("phi3", [32, 3072, 24, 8, 8192, 200_064]),
      tie_word_embeddings: true,
      full_attn_mod: 1,
      interpolate_factor: 1,
    },
  ],
  ["OLMo-2-13B", 13_716_198_400, decoder("olmo2", [40, 5120, 40, 40, 13_824, 100_352])],
];

/** Sizes that their makers give in rounded billions: all, and what a token passes. */
const ROUNDED: readonly (readonly [name: string, total: number, active: number, config: Config])[] =
  [
    [
      "Jamba 1.5 Mini",
      51.6,
      12,
      {
        ...decoder("jamba", [32, 4096, 32, 8, 14_336, 65_536]),
        attn_layer_offset: 4,
        attn_layer_period: 8,
        expert_layer_offset: 1,
        expert_layer_period: 2,
        num_experts: 16,
        num_experts_per_tok: 2,
        mamba_d_conv: 4,
        mamba_d_state: 16,
        mamba_dt_rank: 256,
        mamba_expand: 2,
        mamba_conv_bias: true,
        mamba_inner_layernorms: true,
      },
    ],
    [
      "Falcon-H1 34B",
      33.6,
      33.6,
      {
        ...decoder("falcon_h1", [72, 5120, 20, 4, 21_504, 261_120]),
        head_dim: 128,
        mamba_d_conv: 4,
        mamba_d_head: 128,
        mamba_d_ssm: 4096,
        mamba_d_state: 256,
        mamba_expand: 2,
        mamba_n_groups: 2,
        mamba_n_heads: 32,
        mamba_rms_norm: true,
        mamba_use_mlp: true,
      },
    ],
    [
      "LongCat-Flash, a third of its experts doing nothing",
      560,
      27.5,
      {
        model_type: "longcat_flash",
        num_layers: 28,
        hidden_size: 6144,
        num_attention_heads: 64,
        ffn_hidden_size: 12_288,
        expert_ffn_hidden_size: 2048,
        n_routed_experts: 512,
        moe_topk: 12,
        zero_expert_num: 256,
        zero_expert_type: "identity",
        attention_method: "MLA",
        kv_lora_rank: 512,
        q_lora_rank: 1536,
        qk_nope_head_dim: 128,
        qk_rope_head_dim: 64,
        v_head_dim: 128,
        vocab_size: 131_072,
      },
    ],
    [
      "DBRX",
      132,
      36,
      {
        model_type: "dbrx",
        d_model: 6144,
        n_heads: 48,
        n_layers: 40,
        vocab_size: 100_352,
        attn_config: { clip_qkv: 8, kv_n_heads: 8 },
        ffn_config: { ffn_hidden_size: 10_752, moe_num_experts: 16, moe_top_k: 4 },
      },
    ],
  ];

const LLAMA = decoder("llama", [2, 1024, 8, 8, 4096, 1000]);
/** Of one layer of it. */
const DOWN = 1024 * 4096;

describe("kinds of models that appeared lately", () => {
  it.each(PUBLISHED)("counts %s to the total of its checkpoint", (_, total, config) => {
    expect(read(config).parameters!.total).toBe(total);
  });

  it.each(ROUNDED)("counts %s", (_, total, active, config) => {
    const { parameters } = read(config);
    expect(Math.abs(parameters!.total / 1e9 / total - 1)).toBeLessThan(0.01);
    expect(Math.abs(parameters!.active / 1e9 / active - 1)).toBeLessThan(0.02);
  });

  it("keeps the cache of both attentions of a LongCat layer", () => {
    const [, , , config] = ROUNDED.find(([name]) => name.startsWith("LongCat"))!;
    expect(read(config).kvBytesPerToken).toBe(2 * (512 + 64) * 2);
    expect(refused({ ...config, zero_expert_type: "copy" })).toContain("zero_expert_type");
    expect(refused({ ...config, attention_method: "MHA" })).toContain("attention_method");
  });

  it.each([
    [{ compress_ratios: [0, 4, 128] }, "compress_ratios"],
    [{ o_lora_rank: 1024 }, "o_lora_rank"],
    [{ decay_low_rank_dim: 64 }, "decay_low_rank_dim"],
    [{ layer_group_size: 5 }, "layer_group_size"],
    [{ model_type: "rwkv7" }, "model_type"],
    [{ model_type: "mamba2" }, "model_type"],
    [
      { model_type: "falcon_h1", mamba_n_heads: 8, mamba_d_state: 8, mamba_use_mlp: false },
      "mamba_use_mlp",
    ],
  ])("refuses %o by the key", (keys, path) => {
    expect(refused({ ...LLAMA, ...keys })).toContain(path);
  });
});

describe("formats that differ by module", () => {
  const layerOf = (quantization_config: object): number =>
    read({ ...LLAMA, quantization_config }).runs![0]!.bytes;
  const gptq = { quant_method: "gptq", bits: 4, group_size: 128 };

  it("GPTQ's dynamic rules skip modules, or give them other bits", () => {
    const plain = layerOf(gptq);
    const packed = 0.5 + 2 / 128 + 0.5 / 128;
    const skipped = layerOf({ ...gptq, dynamic: { "-:.*down_proj.*": {} } });
    expect(skipped - plain).toBeCloseTo(DOWN * (2 - packed), -1);
    const wider = layerOf({ ...gptq, dynamic: { "+:.*down_proj.*": { bits: 8 } } });
    expect((wider - plain) / DOWN).toBeGreaterThan(0.49);
    expect((wider - plain) / DOWN).toBeLessThan(0.52);
  });

  it("refuses a format of a module that is not known, by its key", () => {
    const modelopt = (quant_algo: string) => ({
      quant_method: "modelopt",
      quant_algo: "MIXED_PRECISION",
      quantized_layers: { "model.layers.0.mlp.down_proj": { quant_algo } },
    });
    expect(layerOf(modelopt("FP8"))).toBeLessThan(read(LLAMA).layerBytes);
    expect(refused({ ...LLAMA, quantization_config: modelopt("W3A1") })).toEqual([
      "quantization_config.quantized_layers",
    ]);
    const quark = {
      quant_method: "quark",
      global_quant_config: { weight: { dtype: "fp8_e4m3" } },
      layer_quant_config: { "*down_proj": { weight: { dtype: "int3" } } },
    };
    expect(refused({ ...LLAMA, quantization_config: quark })).toEqual([
      "quantization_config.layer_quant_config",
    ]);
  });
});

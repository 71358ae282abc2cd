import { describe, expect, it } from "vitest";
import { cacheBytes, listLayers } from "../../src/core/model.js";
import type { Model } from "../../src/core/model.js";
import { readHuggingFaceConfig } from "../../src/model/hugging-face-config.js";

/** Sizes small enough to add up by hand: hidden 8, two heads of 4, one KV head, width 16. */
const TINY = {
  model_type: "llama",
  num_hidden_layers: 4,
  hidden_size: 8,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  intermediate_size: 16,
  vocab_size: 10,
};
const ATTENTION = 8 * 8 + 2 * 8 * 4 + 8 * 8;
const DENSE = 3 * 8 * 16;

function read(config: object, options: { quantizationFile?: unknown } = {}): Model {
  const outcome = readHuggingFaceConfig(config, { name: "tiny", ...options });
  if (outcome.kind !== "model") throw new Error(JSON.stringify(outcome.problems));
  return outcome.model;
}

function refused(config: object): readonly string[] {
  const outcome = readHuggingFaceConfig(config, { name: "tiny" });
  return outcome.kind === "problems" ? outcome.problems.map(({ path }) => path) : [];
}

describe("layers that differ", () => {
  it("ends the cache of local layers at the window", () => {
    const model = read({
      ...TINY,
      sliding_window: 100,
      layer_types: ["sliding_attention", "full_attention", "sliding_attention", "full_attention"],
    });
    const sum = listLayers(model).reduce((total, layer) => total + cacheBytes(layer, 1000), 0);
    expect(sum).toBe(2 * (2 * 4 * 2) * (100 + 1000));
    expect(model.assumptions).toBeUndefined();
  });

  it("takes the family's own pattern and sizes where the file has none, and says so", () => {
    const { num_attention_heads: _, num_key_value_heads: __, vocab_size: ___, ...rest } = TINY;
    const model = read({ ...rest, model_type: "gemma3_text", num_hidden_layers: 12 });
    const windows = listLayers(model).map((layer) => layer.kvWindow);
    expect(windows.filter((window) => window === undefined)).toHaveLength(2);
    expect(windows[5]).toBeUndefined();
    expect(model.kvBytesPerToken).toBe(2 * 4 * 256 * 2);
    expect(model.assumptions!.map(({ where }) => where)).toContain("head_dim");
  });

  it("keeps a state instead of a cache in layers of linear attention", () => {
    const model = read({
      ...TINY,
      model_type: "qwen3_next",
      full_attention_interval: 4,
      linear_num_key_heads: 2,
      linear_num_value_heads: 4,
      linear_key_head_dim: 3,
      linear_value_head_dim: 5,
      linear_conv_kernel_dim: 4,
      mamba_ssm_dtype: "float32",
    });
    const [linear, , , full] = listLayers(model);
    expect(linear!.kvBytesPerToken).toBe(0);
    expect(linear!.stateBytes).toBe((2 * 2 * 3 + 4 * 5) * 3 * 2 + 4 * 3 * 5 * 4);
    expect(full!.kvBytesPerToken).toBe(2 * 4 * 2);
    expect(full!.stateBytes).toBe(0);
    // Queries come with a gate of their size.
    expect(full!.activeParameters).toBe(ATTENTION + 8 * 8 + DENSE + 2 * 4 + 2 * 8);
  });

  it("reads one part per layer from a hybrid pattern", () => {
    const model = read({
      ...TINY,
      model_type: "nemotron_h",
      hybrid_override_pattern: "M-*E",
      mamba_num_heads: 4,
      mamba_head_dim: 4,
      ssm_state_size: 6,
      n_groups: 2,
      conv_kernel: 4,
      mamba_ssm_cache_dtype: "float32",
      n_routed_experts: 8,
      num_experts_per_tok: 2,
      moe_intermediate_size: 5,
      head_dim: 4,
    });
    const [mamba, dense, attention, experts] = listLayers(model);
    const channels = 16 + 2 * 2 * 6;
    expect(mamba!.stateBytes).toBe(channels * 3 * 2 + 16 * 6 * 4);
    expect(dense!.activeParameters).toBe(2 * 8 * 16 + 8);
    expect(attention!.activeParameters).toBe(ATTENTION + 8);
    expect([mamba, dense, experts].map((layer) => layer!.kvBytesPerToken)).toEqual([0, 0, 0]);
    expect(experts!.expertBytes).toBe(2 * 8 * 2 * 8 * 5);
    expect(experts!.expertShare).toBe(1 / 4);
  });

  it("leaves out what a search has left out", () => {
    const block = (heads: number | undefined, multiple: number | undefined) => ({
      attention: { no_op: heads === undefined, n_heads_in_group: heads ?? null },
      ffn: { no_op: multiple === undefined, ffn_mult: multiple ?? null },
    });
    const model = read({
      ...TINY,
      model_type: "nemotron-nas",
      intermediate_size: null,
      num_key_value_heads: null,
      block_configs: [block(2, 1), block(1, 100), block(undefined, 1), block(1, undefined)],
    });
    const layers = listLayers(model);
    expect(layers.map((layer) => layer.kvBytesPerToken)).toEqual([16, 32, 0, 32]);
    // Widths are rounded up to 256: 100 · 8 · 2 / 3 = 533 becomes 768.
    expect(layers.map((layer) => layer.bytes)).toEqual([
      2 * (ATTENTION + 3 * 8 * 256 + 16),
      2 * (ATTENTION + 2 * 8 * 4 + 3 * 8 * 768 + 16),
      2 * (3 * 8 * 256 + 8),
      2 * (ATTENTION + 2 * 8 * 4 + 8),
    ]);
  });

  it("counts an indexer's weights and its own cache", () => {
    const latent = {
      ...TINY,
      model_type: "deepseek_v32",
      kv_lora_rank: 16,
      q_lora_rank: 12,
      qk_nope_head_dim: 4,
      qk_rope_head_dim: 2,
      v_head_dim: 4,
    };
    const plain = read(latent);
    const sparse = read({ ...latent, index_n_heads: 3, index_head_dim: 128, index_topk: 64 });
    expect(sparse.kvBytesPerToken - plain.kvBytesPerToken).toBe(132);
    expect(sparse.layerBytes - plain.layerBytes).toBe(
      2 * (12 * 3 * 128 + 8 * 128 + 2 * 128 + 8 * 3),
    );
  });

  it.each([
    [{ linear_attn_config: { num_heads: 2 } }, "linear_attn_config"],
    [{ cross_attention_layers: [1, 3] }, "cross_attention_layers"],
    [{ mamba_d_state: 16 }, "mamba_d_state"],
    [{ routed_expert_hidden_size: 4 }, "routed_expert_hidden_size"],
    [{ attn_type_list: [0, 1, 2, 1] }, "attn_type_list"],
    [{ layer_types: ["full_attention", "rwkv", "full_attention", "rwkv"] }, "layer_types"],
    [{ use_cla: true }, "use_cla"],
    [{ hybrid_override_pattern: "M*?E" }, "hybrid_override_pattern"],
    [{ quantization_config: { quant_method: "brand-new" } }, "quantization_config.quant_method"],
  ])("refuses %o by its key, whatever the family is called", (keys, path) => {
    for (const model_type of ["llama", "never_heard_of"]) {
      expect(refused({ ...TINY, model_type, ...keys })).toContain(path);
    }
  });
});

describe("ignore lists", () => {
  const fp8 = (ignore: readonly string[]) => ({
    quant_method: "compressed-tensors",
    ignore: ["lm_head", ...ignore],
    config_groups: {
      group_0: {
        targets: ["Linear"],
        weights: { num_bits: 8, type: "float", strategy: "channel" },
      },
    },
  });
  const all = ATTENTION + DENSE;
  const norms = 2 * 2 * 8;

  it.each([
    [["re:.*self_attn.*"], ATTENTION],
    [["re:model\\.layers\\.\\d+\\.self_attn\\..*"], ATTENTION],
    [["model.layers.*.self_attn"], ATTENTION],
    [["model.layers.*.self_attn*"], ATTENTION],
    [["*self_attn*"], ATTENTION],
    [["self_attn"], ATTENTION],
    [["model.language_model.layers.*.self_attn.*"], ATTENTION],
    [["re:.*mlp\\.(gate|up|gate_up|down)_proj.*"], DENSE],
    [["re:.*mlp\\.gate_up_proj$"], (DENSE / 3) * 2],
    [["model\\.layers\\.\\d+\\.mlp\\..*"], DENSE],
    [["re:self_attn.*"], 0],
    [["attn"], 0],
  ])("%o keeps what it names in 16 bits", (ignore, kept) => {
    const model = read({ ...TINY, quantization_config: fp8(ignore) });
    expect(model.layerBytes).toBe(all + kept + norms);
    expect(model.headBytes).toBe(2 * (10 * 8 + 8));
  });

  it("tells layers apart by their whole number", () => {
    const layers = listLayers(
      read({ ...TINY, num_hidden_layers: 12, quantization_config: fp8(["model.layers.1*"]) }),
    );
    // A star means anything, as modelopt has it: layers 1, 10 and 11.
    expect(layers.map((layer) => layer.bytes > all + norms)).toEqual(
      layers.map((_, index) => [1, 10, 11].includes(index)),
    );
    const one = listLayers(
      read({ ...TINY, num_hidden_layers: 12, quantization_config: fp8(["model.layers.1"]) }),
    );
    expect(one.map((layer) => layer.bytes > all + norms)).toEqual(
      one.map((_, index) => index === 1),
    );
  });

  it("reads modelopt's own file beside the config, its excludes and its cache", () => {
    const model = read(TINY, {
      quantizationFile: {
        producer: { name: "modelopt" },
        quantization: {
          quant_algo: "NVFP4",
          kv_cache_quant_algo: "FP8",
          group_size: 16,
          exclude_modules: ["lm_head", "model.layers.0.self_attn.q_proj", "model.layers.3*"],
        },
      },
    });
    const bytes = listLayers(model).map((layer) => layer.bytes);
    expect(bytes[1]).toBe(all * (0.5 + 1 / 16) + norms);
    expect(bytes[0]).toBe(bytes[1]! + 64 * (2 - 0.5625));
    expect(bytes[3]).toBe(2 * all + norms);
    expect(model.kvBytesPerToken).toBe(2 * 4);
  });

  it("gives each group of compressed-tensors the modules it targets", () => {
    const weights = (num_bits: number, group_size: number | null) => ({
      weights: { num_bits, type: "int", group_size, symmetric: true },
    });
    const model = read({
      ...TINY,
      quantization_config: {
        quant_method: "compressed-tensors",
        ignore: ["lm_head"],
        config_groups: {
          group_0: { targets: ["re:.*self_attn.*"], ...weights(8, null) },
          group_1: { targets: ["re:.*down_proj"], ...weights(4, 32) },
        },
      },
    });
    expect(model.layerBytes).toBe(ATTENTION + (DENSE / 3) * (0.5 + 2 / 32 + 4) + norms);
  });

  it("counts MLX with scale and bias per group, embedding and head too", () => {
    const model = read({
      ...TINY,
      quantization: { group_size: 64, bits: 4, "model.layers.0.mlp.down_proj": { bits: 8 } },
    });
    const [first, second] = listLayers(model).map((layer) => layer.bytes);
    expect(second).toBe(all * 0.5625 + norms);
    expect(first! - second!).toBe((DENSE / 3) * 0.5);
    expect(model.embeddingBytes).toBe(80 * 0.5625);
  });
});

import { describe, expect, it } from "vitest";
import { readHuggingFaceConfig } from "../../src/model/hugging-face-config.js";
import type { ConfigOutcome } from "../../src/model/hugging-face-config.js";
import { layerRuns, listLayers } from "../../src/core/model.js";
import type { Model } from "../../src/core/model.js";
import { findModelPreset } from "../../src/model/presets.js";
import { CONFIG_SAMPLES, DEEPSEEK_V3 } from "./configs.js";

type Read = Extract<ConfigOutcome, { kind: "model" }>;

function read(config: unknown, options: { dtype?: string; kvDtype?: string } = {}): Read {
  const outcome = readHuggingFaceConfig(config, { name: "sample", ...options });
  if (outcome.kind !== "model") throw new Error(JSON.stringify(outcome.problems));
  return outcome;
}

function bytesOf(model: Model): readonly number[] {
  return listLayers(model).map((layer) => layer.bytes);
}

const LLAMA = CONFIG_SAMPLES[0]!.config;
const MIXTRAL = CONFIG_SAMPLES[2]!.config;

describe("readHuggingFaceConfig", () => {
  it.each(CONFIG_SAMPLES.map((sample) => [sample.name, sample] as const))(
    "counts %s as published",
    (_, { config, total }) => {
      expect(read(config).model.parameters!.total).toBe(total);
    },
  );

  it("counts DeepSeek-V3 to 671.03 B, 37 B of them active", () => {
    const { total, active } = read(DEEPSEEK_V3).model.parameters!;
    expect(Math.abs(total - 671.03e9)).toBeLessThan(0.01e9);
    expect(active).toBeGreaterThan(36e9);
    expect(active).toBeLessThan(38e9);
  });

  it("agrees with the presets on bytes and cache per layer", () => {
    const { model } = read(LLAMA);
    const preset = findModelPreset("llama-2-70b")!;
    for (const key of ["layerBytes", "kvBytesPerToken", "activationBytes", "headBytes"] as const) {
      expect(model[key]).toBe(preset[key]);
    }
  });

  it("keeps the latent vector only in an MLA cache", () => {
    expect(read(DEEPSEEK_V3).model.kvBytesPerToken).toBe((512 + 64) * 2);
    expect(read(DEEPSEEK_V3, { kvDtype: "fp8" }).model.kvBytesPerToken).toBe(512 + 64);
  });

  it("keeps bytes per layer where dense and expert layers differ", () => {
    const { model } = read(DEEPSEEK_V3);
    const [dense, , , expert] = bytesOf(model);
    expect(dense).toBeLessThan(expert! / 10);
    expect(model.layerBytes).toBe(expert);
  });

  it("puts experts on every second layer where the file says so", () => {
    const { model } = read({ ...MIXTRAL, decoder_sparse_step: 2, mlp_only_layers: [1] });
    const heavy = bytesOf(model).map((bytes) => bytes === model.layerBytes);
    expect(heavy.slice(0, 6)).toEqual([false, false, false, true, false, true]);
  });

  it.each([
    [{ quant_method: "fp8" }, 1, 1],
    [{ quant_method: "fp8", weight_block_size: [128, 128] }, 1.0002, 1.0003],
    [{ quant_method: "awq", bits: 4, group_size: 128 }, 0.519, 0.52],
    [{ quant_method: "gptq", bits: 8, group_size: 32 }, 1.09, 1.1],
    [{ quant_method: "bitsandbytes", load_in_4bit: true }, 0.5624, 0.5626],
    [{ quant_method: "bitsandbytes", load_in_8bit: true }, 1, 1],
    [{ quant_method: "mxfp4" }, 0.531, 0.532],
    [
      {
        quant_method: "compressed-tensors",
        ignore: ["lm_head"],
        config_groups: { group_0: { weights: { num_bits: 4, group_size: 128, type: "int" } } },
      },
      0.515,
      0.516,
    ],
  ])("weighs quantised matrices as %o", (quantization_config, least, most) => {
    const plain = read(LLAMA).model;
    const { model } = read({ ...LLAMA, quantization_config });
    const norms = 2 * 8192 * 2;
    const perWeight = (model.layerBytes - norms) / ((plain.layerBytes - norms) / 2);
    expect(perWeight).toBeGreaterThanOrEqual(least);
    expect(perWeight).toBeLessThanOrEqual(most);
    expect(model.headBytes).toBe(plain.headBytes);
  });

  it("leaves modules out of the quantisation that the file names", () => {
    const quantized = (skip: readonly string[]) =>
      read({
        ...LLAMA,
        quantization_config: { quant_method: "fp8", modules_to_not_convert: skip },
      }).model;
    const all = quantized([]);
    expect(layerRuns(all)).toHaveLength(1);
    const attention = 2 * 8192 * 8192 + 2 * 8192 * 1024;
    expect(quantized(["self_attn"]).layerBytes - all.layerBytes).toBe(attention);
    const oneLayer = bytesOf(quantized(["model.layers.1"]));
    expect(oneLayer[1]).toBe(read(LLAMA).model.layerBytes);
    expect(oneLayer[10]).toBe(all.layerBytes);
  });

  it("lets the caller choose another type of weights", () => {
    expect(layerRuns(read(LLAMA, { dtype: "fp8" }).model)[0]!.productBits).toBe(8);
    expect(read(LLAMA, { dtype: "fp32" }).model.layerBytes).toBe(2 * read(LLAMA).model.layerBytes);
  });

  it("counts the language part of a multimodal model and says so", () => {
    const { model } = read({
      model_type: "llava",
      tie_word_embeddings: false,
      vision_config: { hidden_size: 1024 },
      text_config: LLAMA,
    });
    expect(model.parameters!.total).toBe(68_976_648_192);
    expect(model.assumptions![0]!.what).toContain("text_config");
  });

  it("says when a model type is not known", () => {
    const { model } = read({ ...LLAMA, model_type: "llamma" });
    expect(model.assumptions![0]!.what).toContain("llamma");
  });

  it("reports every missing field with its aliases", () => {
    const outcome = readHuggingFaceConfig({ model_type: "llama" }, { name: "x" });
    expect(outcome.kind).toBe("problems");
    if (outcome.kind !== "problems") return;
    expect(outcome.problems.map((p) => p.path)).toEqual([
      "num_hidden_layers",
      "hidden_size",
      "num_attention_heads",
      "intermediate_size",
      "vocab_size",
    ]);
    expect(outcome.problems[0]!.expected).toContain("n_layer");
  });

  it.each([
    [[], ""],
    [{ ...LLAMA, num_hidden_layers: "80" }, "num_hidden_layers"],
    [{ ...LLAMA, num_hidden_layers: 1e300 }, "num_hidden_layers"],
    [{ ...LLAMA, num_hidden_layers: 1e6 }, "num_hidden_layers"],
    [{ ...LLAMA, hidden_size: -1 }, "hidden_size"],
    [{ ...LLAMA, model_type: "mamba" }, "model_type"],
    [{ ...LLAMA, layer_types: Array(80).fill("linear_attention") }, "layer_types"],
  ])("refuses %o", (config, path) => {
    const outcome = readHuggingFaceConfig(config, { name: "x" });
    expect(outcome.kind === "problems" && outcome.problems.map((p) => p.path)).toContain(path);
  });

  it("offers the nearest type of weights", () => {
    const outcome = readHuggingFaceConfig(LLAMA, { name: "x", dtype: "bf61" });
    expect(outcome.kind === "problems" && outcome.problems[0]!.remedy).toContain("bf16");
  });
});

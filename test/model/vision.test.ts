import { describe, expect, it } from "vitest";
import type { Model } from "../../src/core/model.js";
import { readHuggingFaceConfig } from "../../src/model/hugging-face-config.js";

const TEXT = {
  model_type: "mistral",
  num_hidden_layers: 40,
  hidden_size: 5120,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  head_dim: 128,
  intermediate_size: 32_768,
  vocab_size: 131_072,
};

function read(config: object): Model {
  const outcome = readHuggingFaceConfig(config, { name: "seeing" });
  if (outcome.kind !== "model") throw new Error(JSON.stringify(outcome.problems));
  return outcome.model;
}

describe("the vision part of a multimodal model", () => {
  it("counts Mistral Small 3.1 to its published total, the part held with the first layer", () => {
    const alone = read(TEXT);
    const seeing = read({
      model_type: "mistral3",
      spatial_merge_size: 2,
      text_config: TEXT,
      vision_config: {
        model_type: "pixtral",
        hidden_size: 1024,
        intermediate_size: 4096,
        num_hidden_layers: 24,
        patch_size: 14,
      },
    });
    expect(seeing.parameters!.total).toBe(24_011_361_280);
    expect(seeing.parameters!.active).toBe(alone.parameters!.active);
    const vision = 24_011_361_280 - alone.parameters!.total;
    expect(seeing.embeddingBytes! - alone.embeddingBytes!).toBe(2 * vision);
    expect(seeing.runs).toEqual(alone.runs);
    expect(seeing.assumptions!.map(({ where }) => where)).toEqual(["vision_config"]);
  });

  it("keeps it in 16 bits where the language part has fewer", () => {
    const config = (vision: object) => ({
      model_type: "gemma3",
      text_config: { ...TEXT, model_type: "gemma3_text", sliding_window: 1024 },
      quantization_config: { quant_method: "fp8" },
      ...vision,
    });
    const seeing = read(config({ vision_config: { hidden_size: 1152 } }));
    const alone = read(config({}));
    const total = seeing.parameters!.total - alone.parameters!.total;
    expect(total).toBe(416_866_032 + 1152 * 5120 + 1152);
    expect(seeing.embeddingBytes! - alone.embeddingBytes!).toBe(2 * total);
    const effects = seeing.assumptions!.map(({ effect }) => effect).join("; ");
    expect(effects).toContain("num_hidden_layers 27");
  });

  it.each([
    [{ model_type: "llava", vision_config: { hidden_size: 1024 } }],
    [{ model_type: "qwen3_vl", vision_config: { hidden_size: 1152 } }],
    [{ model_type: "gemma3", vision_config: { hidden_size: 1152 }, audio_config: { layers: 2 } }],
  ])("says what of %o it leaves out", (outer) => {
    const model = read({ ...outer, text_config: TEXT });
    expect(model.assumptions![0]!.what).toContain("only the language part");
    const counted = "audio_config" in outer;
    expect(model.parameters!.total > read(TEXT).parameters!.total).toBe(counted);
  });
});

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Model } from "../src/core/model.js";
import { readHuggingFaceConfig } from "../src/model/hugging-face-config.js";
import { PRESET_CONFIGS } from "../src/model/preset-configs.js";

/** Weights as the tables name them, as quantization_config; without: 16 bits. */
const QUANTIZATIONS: Readonly<Record<string, object | undefined>> = {
  fp8: { quant_method: "fp8" },
  fp8_block: { quant_method: "fp8", weight_block_size: [128, 128] },
  nvfp4: { quant_method: "modelopt", quant_algo: "NVFP4", ignore: ["lm_head"] },
};

/** This one comes in its own format whatever the table says. */
const MXFP4 = { quant_method: "mxfp4", modules_to_not_convert: ["self_attn", "lm_head"] };

/**
 * A model of the tables with its weights: a preset by the model's own name (`Qwen/Qwen3-32B`,
 * `Meta-Llama-3-70B`, `Llama-2-7b-hf`), or MODELS/owner--name/config.json. Undefined where neither knows it.
 */
export function measuredModel(
  name: string,
  weights: string,
  modelsFolder?: string,
  kvDtype = "bf16",
): Model | undefined {
  const config = findPreset(name) ?? findFile(name, modelsFolder);
  if (config === undefined) return undefined;
  const quantization = name.includes("gpt-oss") ? MXFP4 : QUANTIZATIONS[weights];
  const { quantization_config: _, ...plain } = config as Record<string, unknown>;
  const json = quantization === undefined ? plain : { ...plain, quantization_config: quantization };
  const outcome = readHuggingFaceConfig(json, { name, kvDtype });
  return outcome.kind === "problems" ? undefined : outcome.model;
}

function findPreset(name: string): object | undefined {
  const short = name
    .split("/")
    .at(-1)!
    .toLowerCase()
    .replace(/^meta-/, "")
    .replace(/-hf$|-instruct$/, "")
    .replace(/^qwen(?=\d)/, "qwen-");
  return Object.hasOwn(PRESET_CONFIGS, short) ? PRESET_CONFIGS[short] : undefined;
}

function findFile(name: string, folder: string | undefined): object | undefined {
  if (folder === undefined) return undefined;
  const path = join(folder, name.replace("/", "--"), "config.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as object) : undefined;
}

import { BugError } from "../core/errors.js";
import type { Model } from "../core/model.js";
import type { ConfigOutcome } from "./hugging-face-config.js";
import { readHuggingFaceConfig } from "./hugging-face-config.js";
import { presetContext } from "./preset-contexts.js";
import { PRESET_CONFIGS } from "./preset-configs.js";
import { withPresetVision } from "./preset-vision.js";

/** The model of that name in bf16, from its public configuration; names fold case. O(layers). */
export function findModelPreset(name: string): Model | undefined {
  const outcome = readModelPreset(name, {});
  if (outcome === undefined) return undefined;
  if (outcome.kind === "problems") throw new BugError(`preset ${name}: ${JSON.stringify(outcome)}`);
  return outcome.model;
}

/** The same in other types of weights and cache; undefined when no preset has that name. */
export function readModelPreset(
  name: string,
  options: { readonly dtype?: string; readonly kvDtype?: string },
): ConfigOutcome | undefined {
  const key = name.toLowerCase();
  const config = Object.hasOwn(PRESET_CONFIGS, key) ? PRESET_CONFIGS[key] : undefined;
  if (config === undefined) return undefined;
  const context = presetContext(key);
  const whole = context === undefined ? config : { max_position_embeddings: context, ...config };
  return readHuggingFaceConfig(withPresetVision(key, whole), { ...options, name: key });
}

/** Names that `findModelPreset` knows, families together. */
export function modelPresetNames(): readonly string[] {
  return Object.keys(PRESET_CONFIGS);
}

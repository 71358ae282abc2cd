import type { Model } from "../core/model.js";
import { findModelPreset, modelPresetNames } from "./presets.js";

/** Presets whose name holds every word (case, blanks and dashes aside), in their order. O(presets · layers). */
export function searchModels(words: readonly string[]): readonly Model[] {
  const plain = (text: string): string => text.toLowerCase().replace(/[\s_-]/g, "");
  return modelPresetNames()
    .filter((name) => words.every((word) => plain(name).includes(plain(word))))
    .map((name) => findModelPreset(name)!);
}

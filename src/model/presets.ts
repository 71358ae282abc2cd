import type { Model } from "../core/model.js";
import { modelFromShape } from "./model-from-shape.js";
import { PRESET_SHAPES } from "./preset-shapes.js";

/** The model of that name in bf16, from its public shape; names fold case. O(presets). */
export function findModelPreset(name: string): Model | undefined {
  const key = name.toLowerCase();
  const shape = Object.hasOwn(PRESET_SHAPES, key) ? PRESET_SHAPES[key] : undefined;
  return shape === undefined ? undefined : modelFromShape(key, shape);
}

/** Names that `findModelPreset` knows, families together. */
export function modelPresetNames(): readonly string[] {
  return Object.keys(PRESET_SHAPES);
}

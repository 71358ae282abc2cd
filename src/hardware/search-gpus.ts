import { nearestNames } from "../core/nearest.js";
import { gpuFamily, gpusNamed } from "./find-gpu.js";
import { GPU_CATALOGUE } from "./gpu-catalogue.js";
import type { Gpu } from "./gpu.js";

/**
 * The cards of the catalogue that words mean: those whose names hold every word, else what a driver's
 * name means, else all whose names have one of several words, else the nearest names. All without words. O(cards).
 */
export function searchGpus(words: readonly string[]): readonly Gpu[] {
  const wanted = words.flatMap((word) => word.toLowerCase().split(/[\s_-]+/)).filter(Boolean);
  const holding = GPU_CATALOGUE.filter(({ name, source }) => {
    const text = `${name} ${source}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  if (holding.length > 0) return holding;
  const name = words.join(" ");
  const named = gpusNamed(name);
  if (named.length > 0) return named;
  const family = gpuFamily(name);
  if (family.length > 0) return family;
  const several = GPU_CATALOGUE.filter((gpu) => wanted.some((word) => isPartOf(gpu, word)));
  const each = wanted.filter((word) => several.some((gpu) => isPartOf(gpu, word)));
  if (each.length > 1) return several;
  const near = nearestNames(
    name,
    GPU_CATALOGUE.map((gpu) => gpu.name),
  );
  return GPU_CATALOGUE.filter((gpu) => near.includes(gpu.name));
}

function isPartOf({ name }: Gpu, word: string): boolean {
  return name.toLowerCase().split("-").includes(word);
}

/** How weights are stored. */
export interface Quantization {
  /** The method's own name: fp8, awq, gptq, bitsandbytes, mxfp4 … */
  readonly method: string;
  /** Bits of the matrix products where the GPU has such products; 16 where weights are unpacked first. */
  readonly productBits: 16 | 8 | 4;
  /** Bytes per weight, scales and zero points included, of what `rules` leave open. */
  readonly bytesPerWeight: number;
  /** The first whose patterns match a module says how it is stored. */
  readonly rules: readonly QuantizationRule[];
  /** Whether embedding and head are quantised too, as far as no rule speaks of them. */
  readonly ends: "none" | "head" | "both";
}

export interface QuantizationRule {
  readonly patterns: readonly ModulePattern[];
  /** Bytes per weight; undefined: as computed with, not quantised. */
  readonly bytesPerWeight: number | undefined;
}

/** Whether a module, by any of its names, is meant. */
export type ModulePattern = (names: readonly string[]) => boolean;

/** Where layers stand in public checkpoints. */
const LAYER_PLACES = [
  "model.layers",
  "backbone.layers",
  "model.language_model.layers",
  "language_model.model.layers",
  "transformer.h",
  "layers",
];

/** Every full name of a module of a layer. */
function layerModuleNames(layer: number, modules: readonly string[]): readonly string[] {
  return LAYER_PLACES.flatMap((place) => modules.map((module) => `${place}.${layer}.${module}`));
}

const HEAD_NAMES = ["lm_head", "model.lm_head", "language_model.lm_head", "output"];
const EMBEDDING_NAMES = [
  "model.embed_tokens",
  "language_model.model.embed_tokens",
  "embed_tokens",
  "backbone.embeddings",
];

/** Bytes per weight of a matrix in a layer. */
export function matrixBytes(
  quantization: Quantization | undefined,
  weightBytes: number,
  layer: number,
  modules: readonly string[],
): number {
  if (quantization === undefined) return weightBytes;
  const names = layerModuleNames(layer, modules);
  const rule = quantization.rules.find(({ patterns }) => patterns.some((match) => match(names)));
  return rule === undefined ? quantization.bytesPerWeight : (rule.bytesPerWeight ?? weightBytes);
}

/** Bytes per weight of the embedding or the head. */
export function endBytes(
  quantization: Quantization | undefined,
  weightBytes: number,
  end: "embedding" | "head",
): number {
  if (quantization === undefined) return weightBytes;
  const names = end === "head" ? HEAD_NAMES : EMBEDDING_NAMES;
  const included = quantization.ends === "both" || quantization.ends === end;
  const rule = quantization.rules.find(({ patterns }) => patterns.some((match) => match(names)));
  if (rule !== undefined) return rule.bytesPerWeight ?? weightBytes;
  return included ? quantization.bytesPerWeight : weightBytes;
}

/** Signs that a pattern without `re:` is a regular expression all the same. */
const EXPRESSION_SIGNS = /\\[.dw]|\.\*|[()^$|+]|\[/;

/**
 * A pattern of an ignore list in any of its spellings: `re:` and a regular expression that matches from
 * the start (compressed-tensors), an expression without it, a name with `*` for anything (modelopt), or
 * a name, whole or in part, by whole segments: `layers.1` is not `layers.10`.
 * @returns undefined when the expression cannot be read.
 */
export function readModulePattern(text: string): ModulePattern | undefined {
  if (text.startsWith("re:")) return expression(`^(?:${text.slice(3)})`);
  const bare = text.replace(/\.(weight|\*)$/, "");
  if (EXPRESSION_SIGNS.test(bare)) return expression(bare);
  if (/[*?]/.test(bare)) {
    const source = bare
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    const whole = new RegExp(`^(?:.*\\.)?${source}$`);
    return (names) => names.some((name) => ancestors(name).some((part) => whole.test(part)));
  }
  const wanted = `.${bare}.`;
  return (names) => names.some((name) => `.${name}.`.includes(wanted));
}

function expression(source: string): ModulePattern | undefined {
  try {
    const pattern = new RegExp(source.replaceAll("(?P<", "(?<"));
    return (names) => names.some((name) => pattern.test(name));
  } catch {
    return undefined;
  }
}

/** The module itself and everything it is part of. */
function ancestors(name: string): readonly string[] {
  const parts = name.split(".");
  return parts.map((_, index) => parts.slice(0, index + 1).join("."));
}

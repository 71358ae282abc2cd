import type { Problem } from "../core/errors.js";
import { BITS_PER_BYTE } from "../core/units.js";
import { isObject } from "./config-fields.js";
import type { ConfigObject } from "./config-fields.js";
import { readModulePattern } from "./quantization.js";
import type { QuantizationRule } from "./quantization.js";
import type { WeightFormat } from "./weight-formats.js";

export type CompressedOutcome =
  | {
      readonly kind: "format";
      /** How matrices are stored that no rule names. */
      readonly format: WeightFormat;
      readonly rules: readonly QuantizationRule[];
    }
  | { readonly kind: "problem"; readonly problem: Problem };

/** Names of module classes: a group with one of them as target means every matrix. */
const CLASSES = ["Linear", "MoEGMM", "FusedMoE", "LinearBase"];

/**
 * The groups of a compressed-tensors file. Each speaks of the modules it targets: all linear ones, or
 * those that its patterns name; what no group names is not quantised.
 */
export function readCompressedTensors(config: ConfigObject): CompressedOutcome {
  const sparsity = config.sparsity_config;
  if (isObject(sparsity) && sparsity.format !== undefined && sparsity.format !== "dense")
    return refuse("sparsity_config", sparsity.format, "dense weights");
  const groups = isObject(config.config_groups) ? Object.entries(config.config_groups) : [];
  if (groups.length === 0)
    return refuse("config_groups", config.config_groups, "groups of modules");
  const rules: QuantizationRule[] = [];
  let general: WeightFormat | undefined;
  let productBits: WeightFormat["productBits"] | undefined;
  for (const [name, group] of groups) {
    const path = `config_groups.${name}`;
    if (!isObject(group) || !isObject(group.weights)) return refuse(path, group, "weights");
    const format = formatOf(group.weights, group.input_activations);
    if (format === undefined)
      return refuse(`${path}.weights`, group.weights, "num_bits, type and group_size");
    productBits = Math.max(productBits ?? 0, format.productBits) as WeightFormat["productBits"];
    const targets = Array.isArray(group.targets) ? group.targets.map(String) : ["Linear"];
    if (targets.some((target) => CLASSES.includes(target))) general ??= format;
    for (const target of targets.filter((each) => !CLASSES.includes(each))) {
      const pattern = readModulePattern(target);
      if (pattern === undefined) return refuse(`${path}.targets`, target, "a pattern");
      rules.push({ patterns: [pattern], bytesPerWeight: format.bytesPerWeight });
    }
  }
  const untouched: QuantizationRule = { patterns: [() => true], bytesPerWeight: undefined };
  return general === undefined
    ? {
        kind: "format",
        format: { bytesPerWeight: 2, productBits: productBits! },
        rules: [...rules, untouched],
      }
    : { kind: "format", format: general, rules };
}

function formatOf(weights: ConfigObject, activations: unknown): WeightFormat | undefined {
  const bits = weights.num_bits;
  if (typeof bits !== "number" || !(bits > 0 && bits <= 16)) return undefined;
  const group = typeof weights.group_size === "number" ? weights.group_size : 0;
  const block = Array.isArray(weights.block_structure) ? weights.block_structure.map(Number) : [];
  const area = block.reduce((product, side) => product * side, 1);
  const float = weights.type === "float";
  // Scales of NVFP4 and MXFP4 take one byte, others two; an uneven grid has zero points as well.
  const scale = float && bits === 4 ? 1 : 2;
  const zero = weights.symmetric === false ? bits / BITS_PER_BYTE : 0;
  const perWeight = group > 0 ? (scale + zero) / group : block.length === 2 ? 4 / area : 0;
  const activationBits = isObject(activations) ? Number(activations.num_bits) : 16;
  const products = Math.max(bits, Number.isFinite(activationBits) ? activationBits : 16);
  return {
    bytesPerWeight: bits / BITS_PER_BYTE + perWeight,
    productBits: products <= 4 ? 4 : products <= 8 ? 8 : 16,
  };
}

function refuse(path: string, found: unknown, expected: string): CompressedOutcome {
  return {
    kind: "problem",
    problem: {
      path: `quantization_config.${path}`,
      found: JSON.stringify(found) ?? "nothing",
      expected,
      remedy: 'Say what the weights take with "dtype" ("fp8", "int4" …).',
    },
  };
}

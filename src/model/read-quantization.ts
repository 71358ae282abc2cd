import type { Problem } from "../core/errors.js";
import { BITS_PER_BYTE } from "../core/units.js";
import { isObject } from "./config-fields.js";
import type { ConfigObject } from "./config-fields.js";
import { readModulePattern } from "./quantization.js";
import type { ModulePattern, Quantization, QuantizationRule } from "./quantization.js";
import { readCompressedTensors } from "./read-compressed-tensors.js";
import { findAlgorithm, findFormat, quarkFormat } from "./weight-formats.js";
import type { WeightFormat } from "./weight-formats.js";

export type QuantizationOutcome =
  | { readonly kind: "quantization"; readonly quantization: Quantization }
  | { readonly kind: "problem"; readonly problem: Problem };

const IGNORE_KEYS = [
  "modules_to_not_convert",
  "ignore",
  "ignored_layers",
  "exclude_modules",
  "exclude",
  "llm_int8_skip_modules",
  "skip_modules",
];

/**
 * The quantisation that a `quantization_config` describes (or the `quantization` part of modelopt's
 * `hf_quant_config.json`, or MLX's own). A method that is not known is a problem, never a guess.
 */
export function readQuantization(config: ConfigObject): QuantizationOutcome {
  const method = methodOf(config);
  const ignored = IGNORE_KEYS.flatMap((key) => names(config[key]));
  const skips = readPatterns(ignored);
  if ("path" in skips) return { kind: "problem", problem: skips };
  const skipRules: readonly QuantizationRule[] =
    skips.length === 0 ? [] : [{ patterns: skips, bytesPerWeight: undefined }];
  if (method === "mlx") return done(mlx(config));
  const base = method === "compressed-tensors" ? readCompressedTensors(config) : undefined;
  if (base?.kind === "problem") return base;
  const format = base === undefined ? findFormat(method, config) : base.format;
  if (format === undefined) return { kind: "problem", problem: unknownMethod(method, config) };
  const more = base?.rules ?? layerRules(method, config);
  if ("path" in more) return { kind: "problem", problem: more };
  const head = HEAD_TOO.includes(method) || config.lm_head === true;
  return done({
    method,
    ...format,
    rules: [...skipRules, ...more],
    ends: head ? "head" : "none",
  });
}

/** Methods that quantise every linear module, the head with them, unless told not to. */
const HEAD_TOO = ["compressed-tensors", "modelopt", "quark", "exl2", "exl3"];

function done(quantization: Quantization): QuantizationOutcome {
  return { kind: "quantization", quantization };
}

function methodOf(config: ConfigObject): string {
  const method = (text(config.quant_method) ?? "").toLowerCase().replaceAll("_", "-");
  if (method === "" && config.quant_algo !== undefined) return "modelopt";
  if (method === "" && config.load_in_4bit === true) return "bitsandbytes";
  if (method === "" && config.load_in_8bit === true) return "bitsandbytes";
  if (method === "" && number(config.bits) !== undefined) return "mlx";
  if (method.startsWith("modelopt")) return "modelopt";
  return method.replace(/-marlin$/, "").replace("fbgemm-fp8", "fp8");
}

/** Formats by layer: modelopt's `quantized_layers`, quark's `layer_quant_config`, GPTQModel's `dynamic`. */
function layerRules(method: string, config: ConfigObject): readonly QuantizationRule[] | Problem {
  const entries = (key: string): readonly (readonly [string, unknown])[] =>
    isObject(config[key]) ? Object.entries(config[key]) : [];
  const rules: QuantizationRule[] = [];
  const add = (key: string, name: string, format: WeightFormat | undefined | "none") => {
    const pattern = readModulePattern(name);
    if (pattern === undefined || format === undefined) return unknownRule(key, name);
    const bytes = format === "none" ? undefined : format.bytesPerWeight;
    rules.push({ patterns: [pattern], bytesPerWeight: bytes });
    return undefined;
  };
  for (const [name, entry] of entries("quantized_layers")) {
    const own = isObject(entry) ? entry : {};
    const wrong = add("quantized_layers", name, findAlgorithm(text(own.quant_algo) ?? "", own));
    if (wrong !== undefined) return wrong;
  }
  for (const [name, entry] of entries("layer_quant_config")) {
    const plain = isObject(entry) && (entry.weight ?? null) === null;
    const wrong = add("layer_quant_config", name, plain ? "none" : quarkFormat(entry));
    if (wrong !== undefined) return wrong;
  }
  for (const [key, entry] of entries("dynamic")) {
    const name = `re:${key.replace(/^[+-]:/, "")}`;
    const own = isObject(entry) ? { ...config, ...entry } : config;
    const wrong = add("dynamic", name, key.startsWith("-:") ? "none" : findFormat(method, own));
    if (wrong !== undefined) return wrong;
  }
  return rules;
}

function unknownRule(key: string, name: string): Problem {
  return {
    path: `quantization_config.${key}`,
    found: JSON.stringify(name),
    expected: "a module and a format whose bytes are known",
    remedy: 'Say what the weights take with "dtype" ("fp8", "int4" …).',
  };
}

/** MLX: scale and bias of 16 bits per group, embedding and head too; modules may differ by name. */
function mlx(config: ConfigObject): Quantization {
  const bytes = (entry: ConfigObject): number => {
    const group = number(entry.group_size) ?? number(config.group_size) ?? 64;
    const bits = number(entry.bits) ?? number(config.bits) ?? 4;
    const perGroup = (text(entry.mode ?? config.mode) ?? "affine").startsWith("mx") ? 1 : 4;
    return bits / BITS_PER_BYTE + perGroup / group;
  };
  const rules = Object.entries(config).flatMap(([name, entry]) => {
    const pattern = isObject(entry) || entry === false ? readModulePattern(name) : undefined;
    if (pattern === undefined) return [];
    const bytesPerWeight = isObject(entry) ? bytes(entry) : undefined;
    return [{ patterns: [pattern], bytesPerWeight }];
  });
  return { method: "mlx", productBits: 16, bytesPerWeight: bytes(config), rules, ends: "both" };
}

function readPatterns(list: readonly string[]): readonly ModulePattern[] | Problem {
  const patterns: ModulePattern[] = [];
  for (const entry of list) {
    const pattern = readModulePattern(entry);
    if (pattern === undefined) {
      return {
        path: "quantization_config.ignore",
        found: JSON.stringify(entry),
        expected: "a regular expression that can be read",
        remedy: "Correct the expression.",
      };
    }
    patterns.push(pattern);
  }
  return patterns;
}

function unknownMethod(method: string, config: ConfigObject): Problem {
  const algorithm = text(config.quant_algo);
  return {
    path: algorithm === undefined ? "quantization_config.quant_method" : "quant_algo",
    found: JSON.stringify(algorithm ?? method),
    expected: "a method whose bytes are known: fp8, awq, gptq, compressed-tensors, modelopt …",
    remedy: 'Say what the weights take with "dtype" ("fp8", "int4" …).',
  };
}

function names(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

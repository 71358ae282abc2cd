import type { Problem } from "../core/errors.js";
import { BITS_PER_BYTE } from "../core/units.js";
import { isObject } from "./config-fields.js";
import type { ConfigObject } from "./config-fields.js";
import { DEFAULT_GROUP, groupedBytes } from "./dtypes.js";
import { readModulePattern } from "./quantization.js";
import type { ModulePattern, Quantization, QuantizationRule } from "./quantization.js";
import { readCompressedTensors } from "./read-compressed-tensors.js";

/** How one kind of weights is stored. */
export interface WeightFormat {
  readonly bytesPerWeight: number;
  readonly productBits: 16 | 8 | 4;
}

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
  const more = base?.rules ?? layerRules(config);
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

/** Methods with one format for all that they quantise. */
function findFormat(method: string, config: ConfigObject): WeightFormat | undefined {
  const bits = number(config.bits) ?? number(config.w_bit) ?? 4;
  const group = number(config.group_size) ?? number(config.q_group_size) ?? DEFAULT_GROUP;
  switch (method) {
    case "fp8":
    case "deepspeedfp":
      return eightBits(blockScales(config.weight_block_size));
    case "awq":
    case "gptq":
    case "auto-round":
    case "intel/auto-round":
    case "auto-awq":
      return unpacked(groupedBytes(bits, group));
    case "eetq":
    case "experts-int8":
      return eightBits(0);
    case "bitsandbytes":
      return config.load_in_8bit === true ? eightBits(0) : unpacked(nf4Bytes(config));
    case "mxfp4":
      return unpacked(4 / BITS_PER_BYTE + 1 / 32);
    case "mxfp8":
      return eightBits(1 / 32);
    case "modelopt":
      return findAlgorithm(text(config.quant_algo) ?? "", config);
    case "exl2":
    case "exl3":
      return unpacked(bits / BITS_PER_BYTE);
    case "hqq":
      return hqq(config);
    case "quark":
      return quark(config.global_quant_config);
    case "torchao":
      return torchao(config.quant_type);
    default:
      return undefined;
  }
}

function eightBits(scales: number): WeightFormat {
  return { bytesPerWeight: 1 + scales, productBits: 8 };
}

function unpacked(bytesPerWeight: number): WeightFormat {
  return { bytesPerWeight, productBits: 16 };
}

/** One 32-bit scale per block of weights. */
function blockScales(block: unknown): number {
  const sides = Array.isArray(block) ? block : [];
  const area = sides.reduce((product: number, side) => product * Number(side), 1);
  return sides.length === 2 && area > 0 ? 4 / area : 0;
}

/** Blocks of 64 with a 32-bit scale, or scales quantised once more. */
function nf4Bytes(config: ConfigObject): number {
  return 0.5 + (config.bnb_4bit_use_double_quant === true ? 1 / 64 + 4 / (64 * 256) : 4 / 64);
}

/** The algorithms of NVIDIA's modelopt by name. */
function findAlgorithm(name: string, config: ConfigObject): WeightFormat | undefined {
  const group = number(config.group_size);
  switch (name.toUpperCase()) {
    case "FP8":
    case "FP8_PER_CHANNEL_PER_TOKEN":
    case "INT8_SQ":
    case "W8A8_SQ_PER_CHANNEL":
    case "W8A8_SQ_PER_CHANNEL_PER_TOKEN_PLUGIN":
      return eightBits(0);
    case "FP8_PB_WO":
    case "FP8_BLOCK_SCALES":
      return eightBits(4 / 128 ** 2);
    case "MXFP8":
      return eightBits(1 / 32);
    case "NVFP4":
    case "NVFP4_AWQ":
      return { bytesPerWeight: 0.5 + 1 / (group ?? 16), productBits: 4 };
    case "W4A8_NVFP4_FP8":
      return { bytesPerWeight: 0.5 + 1 / (group ?? 16), productBits: 8 };
    case "MXFP4":
    case "W4A8_MXFP4_FP8":
      return { bytesPerWeight: 0.5 + 1 / 32, productBits: 16 };
    case "W4A16_AWQ":
    case "W4A16_GPTQ":
    case "W4A8_AWQ":
      return unpacked(0.5 + 2 / (group ?? DEFAULT_GROUP));
    case "W8A16":
      return unpacked(1);
    default:
      // Every layer is named; what is not named stays as it is.
      return name.toUpperCase() === "MIXED_PRECISION" && isObject(config.quantized_layers)
        ? unpacked(2)
        : undefined;
  }
}

/** Formats by layer: modelopt's `quantized_layers`, quark's `layer_quant_config`. */
function layerRules(config: ConfigObject): readonly QuantizationRule[] {
  const listed = isObject(config.quantized_layers) ? config.quantized_layers : {};
  const quarks = isObject(config.layer_quant_config) ? config.layer_quant_config : {};
  const rule = (name: string, format: WeightFormat | undefined): QuantizationRule[] => {
    const pattern = readModulePattern(name);
    return pattern === undefined || format === undefined
      ? []
      : [{ patterns: [pattern], bytesPerWeight: format.bytesPerWeight }];
  };
  return [
    ...Object.entries(listed).flatMap(([name, entry]) =>
      isObject(entry) ? rule(name, findAlgorithm(text(entry.quant_algo) ?? "", entry)) : [],
    ),
    ...Object.entries(quarks).flatMap(([name, entry]) => rule(name, quark(entry))),
  ];
}

function hqq(config: ConfigObject): WeightFormat | undefined {
  const inner = isObject(config.quant_config) ? config.quant_config : {};
  const weights = isObject(inner.weight_quant_params) ? inner.weight_quant_params : inner;
  const bits = number(weights.nbits);
  if (bits === undefined) return undefined;
  return unpacked(bits / BITS_PER_BYTE + 4 / (number(weights.group_size) ?? 64));
}

function quark(config: unknown): WeightFormat | undefined {
  const inner = isObject(config) && isObject(config.weight) ? config.weight : undefined;
  const kind = text(inner?.dtype) ?? "";
  const group = number(inner?.group_size);
  if (kind.startsWith("fp8") || kind === "int8") return eightBits(0);
  if (kind === "fp4") return { bytesPerWeight: 0.5 + 1 / (group ?? 32), productBits: 4 };
  if (kind === "int4" || kind === "uint4") return unpacked(groupedBytes(4, group ?? DEFAULT_GROUP));
  return undefined;
}

function torchao(type: unknown): WeightFormat | undefined {
  const entry = isObject(type) ? type.default : type;
  const name = (text(entry) ?? (isObject(entry) ? text(entry._type) : undefined) ?? "")
    .toLowerCase()
    .replaceAll("_", "");
  const data = isObject(entry) && isObject(entry._data) ? entry._data : {};
  if (name.includes("int4weightonly"))
    return unpacked(groupedBytes(4, number(data.group_size) ?? DEFAULT_GROUP));
  if (name.includes("float8dynamic") || name.includes("int8dynamicactivationint8"))
    return eightBits(0);
  if (name.includes("float8weightonly") || name.includes("int8weightonly")) return unpacked(1);
  return undefined;
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

import { BITS_PER_BYTE } from "../core/units.js";
import { isObject } from "./config-fields.js";
import type { ConfigObject } from "./config-fields.js";
import { DEFAULT_GROUP, groupedBytes } from "./dtypes.js";

/** How one kind of weights is stored. */
export interface WeightFormat {
  readonly bytesPerWeight: number;
  readonly productBits: 16 | 8 | 4;
}

/** Methods with one format for all that they quantise. */
export function findFormat(method: string, config: ConfigObject): WeightFormat | undefined {
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
      return quarkFormat(config.global_quant_config);
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
export function findAlgorithm(name: string, config: ConfigObject): WeightFormat | undefined {
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

function hqq(config: ConfigObject): WeightFormat | undefined {
  const inner = isObject(config.quant_config) ? config.quant_config : {};
  const weights = isObject(inner.weight_quant_params) ? inner.weight_quant_params : inner;
  const bits = number(weights.nbits);
  if (bits === undefined) return undefined;
  return unpacked(bits / BITS_PER_BYTE + 4 / (number(weights.group_size) ?? 64));
}

export function quarkFormat(config: unknown): WeightFormat | undefined {
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

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

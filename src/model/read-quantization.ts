import { isObject } from "./config-fields.js";
import type { ConfigObject } from "./config-fields.js";
import { BITS_PER_BYTE } from "../core/units.js";
import type { Quantization } from "../core/model-shape.js";

const SCALE_BYTES = 2;
const DEFAULT_GROUP = 128;

/** Weights in a type that one may ask for by name, scales of the usual group sizes included. */
const DTYPES: Readonly<Record<string, number | Quantization>> = {
  float32: 4,
  fp32: 4,
  float16: 2,
  fp16: 2,
  half: 2,
  bfloat16: 2,
  bf16: 2,
  auto: 2,
  fp8: quantized("fp8", 1),
  int8: quantized("int8", 1),
  int4: quantized("int4", groupedBytes(4, DEFAULT_GROUP)),
  awq: quantized("awq", groupedBytes(4, DEFAULT_GROUP)),
  gptq: quantized("gptq", groupedBytes(4, DEFAULT_GROUP)),
  mxfp4: quantized("mxfp4", 4 / BITS_PER_BYTE + 1 / 32),
};

/** Bytes per weight of a type by name, or a quantisation; undefined when the name is unknown. */
export function findDtype(name: string): number | Quantization | undefined {
  const key = name.toLowerCase().replace(/^torch\./, "");
  return Object.hasOwn(DTYPES, key) ? DTYPES[key] : undefined;
}

export function dtypeNames(): readonly string[] {
  return Object.keys(DTYPES);
}

/** The quantisation that a `quantization_config` describes; undefined when its method is unknown. */
export function readQuantization(config: ConfigObject): Quantization | undefined {
  const method = text(config.quant_method) ?? (config.load_in_4bit === true ? "bitsandbytes" : "");
  const skipped = [
    ...names(config.modules_to_not_convert),
    ...names(config.ignore),
    ...names(config.ignored_layers),
    ...names(config.llm_int8_skip_modules),
  ];
  const bytes = bytesPerWeight(method, config);
  if (bytes === undefined) return undefined;
  const eightBit = method === "compressed-tensors" && isEightBitFloat(config);
  return { method: eightBit ? "fp8" : method, bytesPerWeight: bytes, skippedModules: skipped };
}

function bytesPerWeight(method: string, config: ConfigObject): number | undefined {
  switch (method) {
    case "fp8":
    case "fbgemm_fp8": {
      const block = Array.isArray(config.weight_block_size) ? config.weight_block_size : [];
      const area = block.reduce((product: number, side) => product * Number(side), 1);
      return block.length === 2 && area > 0 ? 1 + 4 / area : 1;
    }
    case "awq":
    case "gptq":
      return groupedBytes(number(config.bits) ?? 4, number(config.group_size) ?? DEFAULT_GROUP);
    case "bitsandbytes":
      if (config.load_in_8bit === true) return 1;
      return 0.5 + (config.bnb_4bit_use_double_quant === true ? 1 / 64 + 4 / (64 * 256) : 4 / 64);
    case "mxfp4":
      return 4 / BITS_PER_BYTE + 1 / 32;
    case "compressed-tensors": {
      const weights = firstGroupWeights(config);
      const bits = number(weights?.num_bits);
      if (bits === undefined) return undefined;
      const group = number(weights?.group_size);
      return group === undefined
        ? bits / BITS_PER_BYTE
        : bits / BITS_PER_BYTE + SCALE_BYTES / group;
    }
    default:
      return undefined;
  }
}

/** Weights of `bits`, and per group a 16-bit scale and a zero point of as many bits. */
function groupedBytes(bits: number, group: number): number {
  const zeroPoint = bits / BITS_PER_BYTE;
  return bits / BITS_PER_BYTE + (group > 0 ? (SCALE_BYTES + zeroPoint) / group : 0);
}

function isEightBitFloat(config: ConfigObject): boolean {
  const weights = firstGroupWeights(config);
  return weights?.type === "float" && weights.num_bits === BITS_PER_BYTE;
}

function firstGroupWeights(config: ConfigObject): ConfigObject | undefined {
  const groups = isObject(config.config_groups) ? Object.values(config.config_groups) : [];
  const group = groups.find(isObject);
  return isObject(group?.weights) ? group.weights : undefined;
}

function quantized(method: string, bytes: number): Quantization {
  return { method, bytesPerWeight: bytes, skippedModules: [] };
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

import { BITS_PER_BYTE } from "../core/units.js";
import type { Quantization } from "./quantization.js";

const SCALE_BYTES = 2;
export const DEFAULT_GROUP = 128;

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
  fp8: quantized("fp8", 1, 8),
  int8: quantized("int8", 1, 8),
  int4: quantized("int4", groupedBytes(4, DEFAULT_GROUP)),
  awq: quantized("awq", groupedBytes(4, DEFAULT_GROUP)),
  gptq: quantized("gptq", groupedBytes(4, DEFAULT_GROUP)),
  mxfp4: quantized("mxfp4", 4 / BITS_PER_BYTE + 1 / 32),
  nvfp4: quantized("nvfp4", 4 / BITS_PER_BYTE + 1 / 16, 4),
  nf4: quantized("bitsandbytes", 0.5 + 4 / 64),
};

/** Bits per weight of GGUF files by name, over all matrices: llama.cpp's own table (tools/quantize). */
const GGUF_BITS: Readonly<Record<string, number>> = {
  q4_0: 4.5,
  q4_1: 5,
  q5_0: 5.5,
  q5_1: 6,
  q8_0: 8.5,
  q2_k: 3.16,
  q3_k_s: 3.64,
  q3_k_m: 4,
  q3_k_l: 4.3,
  q4_k_s: 4.67,
  q4_k_m: 4.89,
  q5_k_s: 5.57,
  q5_k_m: 5.7,
  q6_k: 6.56,
  iq4_xs: 4.46,
  iq4_nl: 4.68,
};

/** Bytes per weight of a type by name, or a quantisation; undefined when the name is unknown. */
export function findDtype(name: string): number | Quantization | undefined {
  const key = name.toLowerCase().replace(/^torch\./, "");
  if (Object.hasOwn(GGUF_BITS, key)) {
    return { ...quantized(key, GGUF_BITS[key]! / BITS_PER_BYTE), ends: "both" };
  }
  return Object.hasOwn(DTYPES, key) ? DTYPES[key] : undefined;
}

/** Whether the name is one of a GGUF mixture, known by its mean only. */
export function isGgufDtype(name: string): boolean {
  return Object.hasOwn(GGUF_BITS, name.toLowerCase());
}

export function dtypeNames(): readonly string[] {
  return [...Object.keys(DTYPES), ...Object.keys(GGUF_BITS)];
}

/** Weights of `bits`, and per group a 16-bit scale and a zero point of as many bits. */
export function groupedBytes(bits: number, group: number): number {
  const zeroPoint = bits / BITS_PER_BYTE;
  return bits / BITS_PER_BYTE + (group > 0 ? (SCALE_BYTES + zeroPoint) / group : 0);
}

function quantized(method: string, bytes: number, productBits: 16 | 8 | 4 = 16): Quantization {
  return { method, productBits, bytesPerWeight: bytes, rules: [], ends: "none" };
}

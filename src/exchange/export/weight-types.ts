import type { Model } from "../../core/model.js";
import type { Chain } from "./chains.js";
import { quoteMarkdown } from "./quote.js";

/** How engines call the types that cluster files ask for with "dtype"; absent: they have no word for it. */
interface TypeNames {
  readonly vllm?: string;
  readonly sglang?: string;
  readonly tensorRt?: string;
}

/** Types of 16 and 32 bits. */
const PLAIN: Readonly<Record<string, string>> = {
  float32: "float32",
  fp32: "float32",
  float16: "float16",
  fp16: "float16",
  half: "float16",
  bfloat16: "bfloat16",
  bf16: "bfloat16",
  auto: "auto",
};

/** int4 without a method: bitsandbytes quantises any checkpoint while it loads it. */
const QUANTIZED: Readonly<Record<string, TypeNames>> = {
  fp8: { vllm: "fp8", sglang: "fp8", tensorRt: "FP8" },
  int8: { vllm: "compressed-tensors", sglang: "w8a8_int8", tensorRt: "W8A16" },
  int4: { vllm: "bitsandbytes", sglang: "bitsandbytes", tensorRt: "W4A16_AWQ" },
  awq: { vllm: "awq_marlin", sglang: "awq_marlin", tensorRt: "W4A16_AWQ" },
  gptq: { vllm: "gptq_marlin", sglang: "gptq_marlin", tensorRt: "W4A16_GPTQ" },
  mxfp4: { vllm: "mxfp4", sglang: "mxfp4" },
  nvfp4: { vllm: "modelopt_fp4", sglang: "modelopt_fp4", tensorRt: "NVFP4" },
  nf4: { vllm: "bitsandbytes", sglang: "bitsandbytes" },
};

/** Checkpoints that are quantised already mostly say so in their names; engines read how from their files. */
const QUANTIZED_NAME = /awq|gptq|int[48]|w[48]a\d+|bnb|nf4|fp8|nvfp4|mxfp4|gguf|quantized/i;

/** The type of weights that was asked for, folded. */
function askedWeights({ askedTypes }: Model): string | undefined {
  return askedTypes?.weights?.toLowerCase().replace(/^torch\./, "");
}

/** The engine's `--quantization` for what was asked for, where it has to be told. */
export function quantizationOf(
  model: Model,
  checkpoint: string,
  engine: keyof TypeNames,
): string | undefined {
  const asked = askedWeights(model);
  if (asked === undefined || QUANTIZED_NAME.test(checkpoint)) return undefined;
  if (Object.hasOwn(QUANTIZED, asked)) return QUANTIZED[asked]![engine];
  return engine !== "tensorRt" && !Object.hasOwn(PLAIN, asked) ? "gguf" : undefined;
}

/** The engine's `--dtype`: as asked, or fp16 where a card of the chain has no bf16. */
export function plainTypeOf(
  model: Model,
  { stages }: { readonly stages: readonly Pick<Chain["stages"][number], "lacksBf16">[] },
): string | undefined {
  const asked = askedWeights(model);
  if (stages.some(({ lacksBf16 }) => lacksBf16)) return "float16";
  return asked !== undefined && Object.hasOwn(PLAIN, asked) ? PLAIN[asked] : undefined;
}

/** The type of the cache that was asked for, where it is not the 16 bits that engines take by themselves. */
export function cacheTypeOf({ askedTypes }: Model): string | undefined {
  const asked = askedTypes?.cache?.toLowerCase();
  if (asked === undefined || Object.hasOwn(PLAIN, asked) || asked === "f16") return undefined;
  return asked;
}

/** What a reader has to know of the weights before anything starts. */
export function describeWeights(model: Model, checkpoint: string): readonly string[] {
  const asked = askedWeights(model);
  if (asked === undefined || Object.hasOwn(PLAIN, asked)) return [];
  if (QUANTIZED_NAME.test(checkpoint)) {
    return [
      `The plan counts the weights as ${asked}; the name of the checkpoint says that it is quantised, and the engine reads how from its files.`,
    ];
  }
  return [
    `The plan counts the weights as ${asked}. The engine is told so; a checkpoint that is quantised another way needs that option left out, and one of 16 bits works only where the engine can quantise while it loads (${quoteMarkdown("fp8")}, ${quoteMarkdown("bitsandbytes")}).`,
  ];
}

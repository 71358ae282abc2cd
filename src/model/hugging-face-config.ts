import type { Problem } from "../core/errors.js";
import type { Assumption, Model } from "../core/model.js";
import { didYouMean } from "../core/nearest.js";
import { createConfigFields, isObject, REFUSED_REMEDY } from "./config-fields.js";
import type { ConfigObject, UsedField } from "./config-fields.js";
import { dtypeNames, findDtype, isGgufDtype } from "./dtypes.js";
import type { ModelShape } from "./layer-shape.js";
import { MODEL_FAMILIES, UNSUPPORTED_FAMILIES } from "./model-families.js";
import type { ModelFamily } from "./model-families.js";
import { modelFromShape } from "./model-from-shape.js";
import type { Precision } from "./model-from-shape.js";
import type { Quantization } from "./quantization.js";
import { readQuantization } from "./read-quantization.js";
import { readShape } from "./read-shape.js";
import { withVision } from "./read-vision.js";
import type { LanguagePart } from "./read-vision.js";

export interface ConfigOptions {
  /** Name of the model. */
  readonly name: string;
  /** Type of the weights, instead of the file's: bf16, fp8, int4 … */
  readonly dtype?: string;
  /** Type of the KV cache: as the file says, else 16 bits. */
  readonly kvDtype?: string;
  /** The `hf_quant_config.json` beside the file, parsed. */
  readonly quantizationFile?: unknown;
}

/** What was understood of a config.json. */
export interface ConfigReport {
  /** The keys that were used. */
  readonly used: readonly UsedField[];
}

export type ConfigOutcome =
  | {
      readonly kind: "model";
      readonly model: Model;
      readonly shape: ModelShape;
      readonly report: ConfigReport;
    }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

const TEXT_PARTS = ["text_config", "language_config", "llm_config", "thinker_config"];

/**
 * A Hugging Face `config.json` (parsed) → model. Files of multimodal models: their language part.
 * Formulas and aliases: docs/models.md. O(layers).
 */
export function readHuggingFaceConfig(json: unknown, options: ConfigOptions): ConfigOutcome {
  if (!isObject(json)) {
    const remedy = "Check the file.";
    return problems([problem("", "no object", "a config.json of a language model", remedy)]);
  }
  const assumptions: Assumption[] = [];
  const part = languagePart(json);
  const { inner } = part;
  const type = typeof inner.model_type === "string" ? inner.model_type : undefined;
  if (type !== undefined && UNSUPPORTED_FAMILIES.includes(type)) {
    return problems([
      problem("model_type", JSON.stringify(type), "a decoder that is understood", REFUSED_REMEDY),
    ]);
  }
  const family = findFamily(type, assumptions);
  const fields = createConfigFields(inner, family.defaults);
  for (const key of READ_ELSEWHERE) fields.value(key);
  const precision = readPrecision(inner, options, assumptions);
  const language = readShape(fields, type, family, assumptions);
  const shape = withVision(language, part, assumptions);
  const wrong = "path" in precision ? [precision] : [];
  if (fields.problems.length > 0 || "path" in precision)
    return problems([...fields.problems, ...wrong]);
  for (const { key, value } of fields.defaulted) {
    const effect = `${JSON.stringify(value)}, as the family's own code takes it`;
    assumptions.push({ what: `${key} is not in the file`, where: key, effect });
  }
  const model = {
    ...modelFromShape(options.name, shape, precision),
    ...describeFile(inner, options),
  };
  return {
    kind: "model",
    model: assumptions.length === 0 ? model : { ...model, assumptions },
    shape,
    report: { used: fields.used },
  };
}

const HEADS = ["num_attention_heads", "n_head", "num_heads", "n_heads"];
const POSITIONS = ["max_position_embeddings", "n_positions", "max_seq_len", "seq_length"];

/** What engines have to be told, or ask for: it costs nothing by itself. */
function describeFile(
  config: ConfigObject,
  { dtype, kvDtype }: ConfigOptions,
): Pick<Model, "family" | "attentionHeads" | "longestContext" | "askedTypes"> {
  const heads = firstNumber(config, HEADS);
  const positions = firstNumber(config, POSITIONS);
  const asked = {
    ...(dtype === undefined ? {} : { weights: dtype }),
    ...(kvDtype === undefined ? {} : { cache: kvDtype }),
  };
  return {
    ...(typeof config.model_type === "string" ? { family: config.model_type } : {}),
    ...(heads === undefined ? {} : { attentionHeads: heads }),
    ...(positions === undefined ? {} : { longestContext: positions }),
    ...(Object.keys(asked).length === 0 ? {} : { askedTypes: asked }),
  };
}

function firstNumber(config: ConfigObject, keys: readonly string[]): number | undefined {
  const values = keys.map((key) => config[key]);
  return values.find(
    (value): value is number =>
      typeof value === "number" && Number.isSafeInteger(value) && value > 0,
  );
}

/** Keys that are understood outside the shape. */
const READ_ELSEWHERE = ["model_type", "quantization_config", "quantization", "compression_config"];

/** The object that describes the language part, and the one around it where there is one. */
function languagePart(json: ConfigObject): LanguagePart {
  const part = TEXT_PARTS.find((key) => isObject(json[key]));
  if (part === undefined)
    return isObject(json.vision_config) ? { inner: json, holder: json } : { inner: json };
  const found = json[part] as ConfigObject;
  const merged = { ...inherited(json), ...found };
  const deeper = TEXT_PARTS.some((key) => isObject(found[key]));
  return deeper ? languagePart(merged) : { inner: merged, holder: json, part };
}

function findFamily(type: string | undefined, assumptions: Assumption[]): ModelFamily {
  const known = type !== undefined && Object.hasOwn(MODEL_FAMILIES, type);
  if (known) return MODEL_FAMILIES[type]!;
  assumptions.push({
    what: `model_type ${JSON.stringify(type ?? "none")} is not known`,
    where: "model_type",
    effect: "read by the names of its keys, norms and biases counted like Llama's",
  });
  return {};
}

function readPrecision(
  config: ConfigObject,
  options: ConfigOptions,
  assumptions: Assumption[],
): Precision | Problem {
  const named = options.dtype ?? config.torch_dtype ?? config.dtype ?? "bf16";
  const dtype = typeof named === "string" ? findDtype(named) : undefined;
  if (dtype === undefined) return unknownType("dtype", named);
  const quantizations = quantizationsOf(config, options.quantizationFile);
  const kvElementBytes = readCacheBytes(options.kvDtype, quantizations);
  if (kvElementBytes === undefined) return unknownType("kvDtype", options.kvDtype);
  if (options.dtype !== undefined && isGgufDtype(options.dtype)) {
    assumptions.push({
      what: `${options.dtype} mixes types from layer to layer`,
      where: "dtype",
      effect: "its mean bits per weight are counted everywhere; the .gguf file itself is exact",
    });
  }
  if (typeof dtype !== "number") return { weightBytes: 2, kvElementBytes, quantization: dtype };
  if (options.dtype !== undefined) return { weightBytes: dtype, kvElementBytes };
  // The first that says how: both files say the same, and MLX gives its own twice.
  const [first] = quantizations;
  if (first !== undefined) {
    const outcome = readQuantization(first);
    if (outcome.kind === "problem") return outcome.problem;
    return { weightBytes: 2, kvElementBytes, quantization: outcome.quantization };
  }
  if (dtype > 2) {
    assumptions.push({
      what: "the file's weights are float32",
      where: "torch_dtype",
      effect: "loaded as 16 bits",
    });
  }
  return { weightBytes: Math.min(2, dtype), kvElementBytes };
}

function quantizationsOf(config: ConfigObject, file: unknown): readonly ConfigObject[] {
  const beside = isObject(file) ? (file.quantization ?? file) : undefined;
  const mlx = config.quantization;
  const outer = config.compression_config;
  return [config.quantization_config, outer, mlx, beside].filter(
    (entry): entry is ConfigObject => isObject(entry) && Object.keys(entry).length > 0,
  );
}

/** Bytes per element of the cache; undefined when the name asked for is unknown. */
function readCacheBytes(
  asked: string | undefined,
  quantizations: readonly ConfigObject[],
): number | undefined {
  if (asked !== undefined) return plainBytes(findDtype(CACHE_TYPES[asked.toLowerCase()] ?? asked));
  for (const { kv_cache_scheme: scheme, kv_cache_quant_algo: algorithm } of quantizations) {
    if (isObject(scheme) && typeof scheme.num_bits === "number") return scheme.num_bits / 8;
    if (typeof algorithm !== "string") continue;
    if (/^(FP8|INT8)$/i.test(algorithm)) return 1;
    if (/^NVFP4$/i.test(algorithm)) return 0.5 + 1 / 16;
  }
  return 2;
}

/** What engines call 8-bit caches. */
const CACHE_TYPES: Readonly<Record<string, string>> = {
  fp8_e4m3: "fp8",
  fp8_e5m2: "fp8",
  f16: "fp16",
};

/** What the outer object of a multimodal config says about its language part too. */
function inherited(json: ConfigObject): ConfigObject {
  const keys = [
    "torch_dtype",
    "dtype",
    "quantization_config",
    "quantization",
    "compression_config",
    "tie_word_embeddings",
    "model_type",
  ];
  return Object.fromEntries(keys.flatMap((key) => (key in json ? [[key, json[key]]] : [])));
}

function plainBytes(dtype: number | Quantization | undefined): number | undefined {
  return typeof dtype === "object" ? dtype.bytesPerWeight : dtype;
}

function unknownType(path: string, found: unknown): Problem {
  const name = typeof found === "string" ? found : JSON.stringify(found);
  const known = dtypeNames();
  return problem(path, name, known.join(", "), didYouMean(name, known) || "Use one of them.");
}

function problem(path: string, found: string, expected: string, remedy: string): Problem {
  return { path, found, expected, remedy };
}

function problems(list: readonly Problem[]): ConfigOutcome {
  return { kind: "problems", problems: list };
}

import type { Problem } from "../core/errors.js";
import { didYouMean } from "../core/nearest.js";
import { createConfigFields, isObject } from "./config-fields.js";
import type { ConfigObject, UsedField } from "./config-fields.js";
import type { Model } from "../core/model.js";
import { modelFromShape } from "./model-from-shape.js";
import type { ModelShape, Quantization } from "../core/model-shape.js";
import { dtypeNames, findDtype, readQuantization } from "./read-quantization.js";
import { readShape } from "./read-shape.js";

export interface ConfigOptions {
  /** Name of the model, unless the file has one (`_name_or_path`). */
  readonly name: string;
  /** Type of the weights, instead of the file's: bf16, fp8, int4 … */
  readonly dtype?: string;
  /** Type of the KV cache: 16 bits unless said otherwise. */
  readonly kvDtype?: string;
}

/** What was understood of a config.json. */
export interface ConfigReport {
  /** The keys that were used. */
  readonly used: readonly UsedField[];
  /** What the file does not say and was assumed. */
  readonly assumptions: readonly string[];
}

export type ConfigOutcome =
  | {
      readonly kind: "model";
      readonly model: Model;
      readonly shape: ModelShape;
      readonly report: ConfigReport;
    }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

const TEXT_PARTS = ["text_config", "language_config", "llm_config"];

/**
 * A Hugging Face `config.json` (parsed) → model. Files of multimodal models: their language part.
 * Formulas and aliases: docs/models.md. O(layers).
 */
export function readHuggingFaceConfig(json: unknown, options: ConfigOptions): ConfigOutcome {
  if (!isObject(json)) {
    return problems([
      problem("", "no object", "a config.json of a language model", "Check the file."),
    ]);
  }
  const part = TEXT_PARTS.find((key) => isObject(json[key]));
  const inner: ConfigObject =
    part === undefined ? json : { ...inherited(json), ...(json[part] as ConfigObject) };
  const fields = createConfigFields(inner);
  const assumptions = part === undefined ? [] : [`only the language part (${part}) is counted`];
  const shape = readShape(fields, assumptions);
  const precision = readPrecision(inner, options, assumptions);
  if ("path" in precision) return problems([...fields.problems, precision]);
  if (fields.problems.length > 0) return problems(fields.problems);
  if (shape === undefined) {
    return problems([unsupported(String(inner.model_type))]);
  }
  const complete: ModelShape = { ...shape, ...precision };
  return {
    kind: "model",
    model: modelFromShape(options.name, complete),
    shape: complete,
    report: { used: fields.used, assumptions },
  };
}

type Precision = Pick<ModelShape, "weightBytes" | "kvElementBytes" | "quantization">;

function readPrecision(
  config: ConfigObject,
  options: ConfigOptions,
  assumptions: string[],
): Precision | Problem {
  const kvElementBytes = plainBytes(findDtype(options.kvDtype ?? "bf16"));
  const named = options.dtype ?? config.torch_dtype ?? config.dtype ?? "bf16";
  const dtype = typeof named === "string" ? findDtype(named) : undefined;
  if (dtype === undefined || kvElementBytes === undefined) {
    const wrong = dtype === undefined ? JSON.stringify(named) : options.kvDtype!;
    return problem(
      dtype === undefined ? "dtype" : "kvDtype",
      wrong,
      dtypeNames().join(", "),
      didYouMean(wrong, dtypeNames()) || "Use one of them.",
    );
  }
  if (typeof dtype !== "number") return { weightBytes: 2, kvElementBytes, quantization: dtype };
  if (options.dtype !== undefined || !isObject(config.quantization_config)) {
    const halved = options.dtype === undefined && dtype > 2;
    if (halved) assumptions.push("float32 weights are loaded as 16 bits");
    return { weightBytes: halved ? 2 : dtype, kvElementBytes };
  }
  const quantization = readQuantization(config.quantization_config);
  if (quantization === undefined) {
    const method = JSON.stringify(config.quantization_config.quant_method);
    assumptions.push(`quantization method ${method} is not known: 16-bit weights counted`);
    return { weightBytes: 2, kvElementBytes };
  }
  return { weightBytes: 2, kvElementBytes, quantization };
}

/** What the outer object of a multimodal config says about its language part too. */
function inherited(json: ConfigObject): ConfigObject {
  const keys = ["torch_dtype", "dtype", "quantization_config", "tie_word_embeddings"];
  return Object.fromEntries(keys.flatMap((key) => (key in json ? [[key, json[key]]] : [])));
}

function plainBytes(dtype: number | Quantization | undefined): number | undefined {
  return typeof dtype === "object" ? dtype.bytesPerWeight : dtype;
}

function unsupported(type: string): Problem {
  return problem(
    "model_type",
    JSON.stringify(type),
    "a decoder with attention in every layer",
    "Describe the model inline in the cluster file (layers, layerBytes, kvBytesPerToken …).",
  );
}

function problem(path: string, found: string, expected: string, remedy: string): Problem {
  return { path, found, expected, remedy };
}

function problems(list: readonly Problem[]): ConfigOutcome {
  return { kind: "problems", problems: list };
}

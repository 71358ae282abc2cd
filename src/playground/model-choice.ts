import type { ClusterFile } from "../formats/cluster-schema.js";
import type { Choice } from "./fields.js";
import type { Question } from "./question.js";

/** As it was published. */
const PUBLISHED = "";

/** Types of weights that can be asked for, by the names that cluster files use. */
export const WEIGHTS: readonly Choice[] = [
  { value: PUBLISHED, text: "as published" },
  { value: "fp8", text: "8 bits, floating point (fp8)" },
  { value: "int8", text: "8 bits, whole numbers (int8)" },
  { value: "awq", text: "4 bits (awq)" },
  { value: "gptq", text: "4 bits (gptq)" },
  { value: "mxfp4", text: "4 bits (mxfp4)" },
];

export function weightsOf(model: ClusterFile["model"]): string {
  return typeof model === "object" && "preset" in model ? (model.dtype ?? PUBLISHED) : PUBLISHED;
}

export function setWeights(file: ClusterFile, preset: string, dtype: string): ClusterFile {
  const kvDtype =
    typeof file.model === "object" && "preset" in file.model ? file.model.kvDtype : undefined;
  if (dtype === PUBLISHED && kvDtype === undefined) return { ...file, model: preset };
  const weights = dtype === PUBLISHED ? {} : { dtype };
  return { ...file, model: { preset, ...weights, ...(kvDtype === undefined ? {} : { kvDtype }) } };
}

/** What a model that is no preset is called. */
export function describeModel({ file, model }: Question): string {
  if (model !== undefined) return `${model.name}, from a file`;
  if (typeof file.model === "object" && "name" in file.model) return file.model.name;
  return "described in the cluster file";
}

/** The preset of a file's model; undefined where it has none. */
export function presetOf(model: ClusterFile["model"]): string | undefined {
  if (typeof model === "string") return model;
  return "preset" in model ? model.preset : undefined;
}

/** The model's name, whatever it comes from. */
export function nameModel(question: Question): string {
  return presetOf(question.file.model) ?? describeModel(question);
}

import type { Problem } from "../core/errors.js";
import type { Assumption, LayerRun, Model } from "../core/model.js";
import { readGgufLayers } from "./gguf-layers.js";
import { readGgufHeader } from "./gguf-header.js";
import type { GgufHeader, GgufTensor } from "./gguf-header.js";
import { modelFromLayers } from "./model-from-shape.js";

/** What was understood of a GGUF file. */
export interface GgufReport {
  readonly architecture: string;
  /** Elements of all tensors: the parameters. */
  readonly parameters: number;
  /** Bytes of all tensors. */
  readonly weightBytes: number;
  /** Elements by tensor type. */
  readonly types: ReadonlyMap<string, number>;
  /** Bytes that every part of the file must have. */
  readonly fileBytes: readonly number[];
}

export type GgufOutcome =
  | { readonly kind: "model"; readonly model: Model; readonly report: GgufReport }
  | { readonly kind: "incomplete" }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

/** A GGUF file's own description, before all parts of it are there. */
export interface GgufParts {
  /** In how many files the model lies; 1 where it is not split. */
  readonly count: number;
}

const ACTIVATION_ELEMENT_BYTES = 2;
const TOKEN_BYTES = 2;
const LAYER = /^blk\.(\d+)\./;

/** In how many files the model lies, from the first bytes of one of them. */
export function readGgufParts(bytes: Uint8Array): GgufParts | undefined {
  const outcome = readGgufHeader(bytes);
  if (outcome.kind !== "header") return undefined;
  const count = toNumber(outcome.header.metadata.get("split.count")) ?? 1;
  return { count: Math.max(1, count) };
}

/**
 * The first bytes of a GGUF file, or of every part of a split one in their order → model, with the exact
 * bytes of every layer and what one token passes of it. The cache is taken as 16 bits.
 */
export function readGgufModel(
  parts: Uint8Array | readonly Uint8Array[],
  name: string,
): GgufOutcome {
  const headers: GgufHeader[] = [];
  for (const bytes of parts instanceof Uint8Array ? [parts] : parts) {
    const outcome = readGgufHeader(bytes);
    if (outcome.kind !== "header") return outcome;
    headers.push(outcome.header);
  }
  const joined = joinParts(headers);
  if ("path" in joined) return { kind: "problems", problems: [joined] };
  const layers = readGgufLayers(joined);
  if (layers.kind === "problem") return { kind: "problems", problems: [layers.problem] };
  const ends = endBytes(joined.tensors);
  const { assumptions } = layers;
  return {
    kind: "model",
    model: {
      ...modelFromLayers(name, layers.runs),
      activationBytes: layers.hiddenSize * ACTIVATION_ELEMENT_BYTES,
      tokenBytes: TOKEN_BYTES,
      ...ends,
      parameters: countParameters(joined.tensors, layers.runs),
      ...(assumptions.length === 0 ? {} : { assumptions: assumptions as readonly Assumption[] }),
    },
    report: describe(joined, layers.architecture, headers),
  };
}

/** One header with the tensors of all parts; the first part carries the metadata. */
function joinParts(headers: readonly GgufHeader[]): GgufHeader | Problem {
  const [first] = headers;
  const count = toNumber(first!.metadata.get("split.count")) ?? 1;
  if (count > 1 && headers.length !== count) {
    return split("split.count", `${headers.length} of ${count} parts`, `all ${count} parts`);
  }
  const wrong = headers.findIndex(
    ({ metadata }, index) => (toNumber(metadata.get("split.no")) ?? 0) !== index,
  );
  if (count > 1 && wrong >= 0) {
    const found = toNumber(headers[wrong]!.metadata.get("split.no")) ?? "0";
    return split("split.no", `part ${found} in the place of part ${wrong}`, "parts in their order");
  }
  const tensors = headers.flatMap((header) => header.tensors);
  const expected = toNumber(first!.metadata.get("split.tensors.count"));
  if (expected !== undefined && expected !== tensors.length) {
    return split("split.tensors.count", `${tensors.length} tensors`, `${expected} in all parts`);
  }
  return { ...first!, tensors };
}

function split(path: string, found: string, expected: string): Problem {
  return { path, found, expected, remedy: "Put all parts of the model into one folder." };
}

/** Without an output matrix of its own the head is the embedding again. */
function endBytes(
  tensors: readonly GgufTensor[],
): Pick<Model, "embeddingBytes" | "headBytes" | "tiedBytes"> {
  const outside = tensors.filter((tensor) => !LAYER.test(tensor.name));
  const sum = (chosen: readonly GgufTensor[]): number =>
    chosen.reduce((total, tensor) => total + tensor.bytes, 0);
  const head = outside.filter((tensor) => tensor.name.startsWith("output"));
  const embeddings = outside.filter((tensor) => !tensor.name.startsWith("output"));
  const tied = !head.some((tensor) => tensor.name === "output.weight");
  const token = sum(embeddings.filter((tensor) => tensor.name === "token_embd.weight"));
  return {
    embeddingBytes: sum(embeddings),
    headBytes: sum(head) + (tied ? token : 0),
    ...(tied ? { tiedBytes: token } : {}),
  };
}

function countParameters(
  tensors: readonly GgufTensor[],
  runs: readonly LayerRun[],
): NonNullable<Model["parameters"]> {
  const ends = elementsOf(tensors.filter((tensor) => !LAYER.test(tensor.name)));
  const active = runs.reduce((sum, run) => sum + run.count * run.activeParameters, 0);
  return { total: elementsOf(tensors), active: active + ends };
}

function elementsOf(tensors: readonly GgufTensor[]): number {
  return tensors.reduce((sum, tensor) => sum + tensor.elements, 0);
}

function describe(
  { tensors }: GgufHeader,
  architecture: string,
  parts: readonly GgufHeader[],
): GgufReport {
  const types = new Map<string, number>();
  for (const { type, elements } of tensors) types.set(type, (types.get(type) ?? 0) + elements);
  return {
    architecture,
    parameters: elementsOf(tensors),
    weightBytes: tensors.reduce((sum, tensor) => sum + tensor.bytes, 0),
    types,
    fileBytes: parts.map(({ fileBytes }) => fileBytes),
  };
}

function toNumber(value: unknown): number | undefined {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}

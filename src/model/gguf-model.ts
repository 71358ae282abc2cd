import { largest } from "../core/extremes.js";
import type { Problem } from "../core/errors.js";
import { readGgufHeader } from "./gguf-header.js";
import type { GgufHeader, GgufTensor } from "./gguf-header.js";
import type { GgufValue } from "./gguf-reader.js";
import type { Model } from "../core/model.js";

/** What was understood of a GGUF file. */
export interface GgufReport {
  readonly architecture: string;
  /** Elements of all tensors: the parameters. */
  readonly parameters: number;
  /** Bytes of all tensors. */
  readonly weightBytes: number;
  /** Elements by tensor type. */
  readonly types: ReadonlyMap<string, number>;
  readonly assumptions: readonly string[];
}

export type GgufOutcome =
  | { readonly kind: "model"; readonly model: Model; readonly report: GgufReport }
  | { readonly kind: "incomplete" }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

const KV_ELEMENT_BYTES = 2;
const ACTIVATION_ELEMENT_BYTES = 2;
const TOKEN_BYTES = 2;
const MOST_LAYERS = 10_000;
const LAYER = /^blk\.(\d+)\./;

/**
 * The first bytes of a GGUF file → model, with the exact bytes of every layer. The cache is taken
 * as 16 bits. Split files: give the first part only if it lists all tensors.
 */
export function readGgufModel(bytes: Uint8Array, name: string): GgufOutcome {
  const outcome = readGgufHeader(bytes);
  if (outcome.kind !== "header") return outcome;
  const { header } = outcome;
  const architecture = header.metadata.get("general.architecture");
  if (typeof architecture !== "string") return missing("general.architecture", "a text");
  const number = (key: string): number | undefined =>
    toNumber(header.metadata.get(`${architecture}.${key}`));
  const layers = number("block_count");
  const hiddenSize = number("embedding_length");
  const heads = header.metadata.get(`${architecture}.attention.head_count`);
  if (layers === undefined || !(layers > 0 && layers <= MOST_LAYERS)) {
    return problems(`${architecture}.block_count`, String(layers), `1 to ${MOST_LAYERS} layers`);
  }
  if (hiddenSize === undefined) return missing(`${architecture}.embedding_length`, "hidden size");
  if (heads === undefined) return missing(`${architecture}.attention.head_count`, "heads");
  const bytesByLayer = sumByLayer(header.tensors, layers);
  const empty = bytesByLayer.indexOf(0);
  if (empty >= 0) {
    return problems("", `no tensor of layer ${empty}`, "tensors of every layer (blk.N.*)");
  }
  const keyValueHeads = header.metadata.get(`${architecture}.attention.head_count_kv`) ?? heads;
  const headCount = toNumber(heads) ?? largest(perLayer(heads, layers));
  const keyLength = number("attention.key_length") ?? hiddenSize / headCount;
  const valueLength = number("attention.value_length") ?? keyLength;
  const rank = number("attention.kv_lora_rank");
  const kvBytesByLayer = perLayer(keyValueHeads, layers).map((count) =>
    rank === undefined
      ? count * (keyLength + valueLength) * KV_ELEMENT_BYTES
      : (rank + (number("rope.dimension_count") ?? 0)) * KV_ELEMENT_BYTES,
  );
  const ends = endBytes(header.tensors);
  return {
    kind: "model",
    model: {
      name,
      layers,
      layerBytes: largest(bytesByLayer),
      activationBytes: hiddenSize * ACTIVATION_ELEMENT_BYTES,
      tokenBytes: TOKEN_BYTES,
      kvBytesPerToken: largest(kvBytesByLayer),
      ...(allEqual(bytesByLayer) ? {} : { bytesByLayer }),
      ...(allEqual(kvBytesByLayer) ? {} : { kvBytesByLayer }),
      ...ends,
    },
    report: describe(header, architecture),
  };
}

function sumByLayer(tensors: readonly GgufTensor[], layers: number): number[] {
  const sums = Array.from({ length: layers }, () => 0);
  for (const tensor of tensors) {
    const layer = Number(LAYER.exec(tensor.name)?.[1] ?? -1);
    if (layer >= 0 && layer < layers) sums[layer]! += tensor.bytes;
  }
  return sums;
}

/** Without an output matrix of its own the head is the embedding again. */
function endBytes(tensors: readonly GgufTensor[]): { embeddingBytes: number; headBytes: number } {
  const outside = tensors.filter((tensor) => !LAYER.test(tensor.name));
  const sum = (chosen: readonly GgufTensor[]): number =>
    chosen.reduce((total, tensor) => total + tensor.bytes, 0);
  const head = outside.filter((tensor) => tensor.name.startsWith("output"));
  const embeddings = outside.filter((tensor) => !tensor.name.startsWith("output"));
  const tied = !head.some((tensor) => tensor.name === "output.weight");
  const token = embeddings.filter((tensor) => tensor.name === "token_embd.weight");
  return { embeddingBytes: sum(embeddings), headBytes: sum(head) + (tied ? sum(token) : 0) };
}

function describe(header: GgufHeader, architecture: string): GgufReport {
  const types = new Map<string, number>();
  for (const { type, elements } of header.tensors) {
    types.set(type, (types.get(type) ?? 0) + elements);
  }
  const total = (key: "elements" | "bytes"): number =>
    header.tensors.reduce((sum, tensor) => sum + tensor[key], 0);
  return {
    architecture,
    parameters: total("elements"),
    weightBytes: total("bytes"),
    types,
    assumptions: ["the KV cache is held in 16 bits"],
  };
}

function perLayer(value: GgufValue, layers: number): readonly number[] {
  if (typeof value === "object") return value.numbers.slice(0, layers);
  return Array.from({ length: layers }, () => Number(value));
}

function toNumber(value: GgufValue | undefined): number | undefined {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}

function allEqual(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}

function missing(key: string, what: string): GgufOutcome {
  return problems(key, "nothing", what);
}

function problems(path: string, found: string, expected: string): GgufOutcome {
  const remedy = "Convert the model again, or give its config.json.";
  return { kind: "problems", problems: [{ path, found, expected, remedy }] };
}

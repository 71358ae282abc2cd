import type { Problem } from "../core/errors.js";
import { BrokenHeader, createGgufReader, HeaderEndsEarly } from "./gguf-reader.js";
import type { GgufReader, GgufValue } from "./gguf-reader.js";
import { findGgufType } from "./gguf-types.js";

/** One tensor of the file: its name, its shape and the bytes it takes. */
export interface GgufTensor {
  readonly name: string;
  readonly type: string;
  readonly elements: number;
  readonly bytes: number;
  /** Where it starts, in bytes from the start of the data. */
  readonly offset: number;
}

export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  /** Bytes that the whole file must have: header, padding, and the data of every tensor. */
  readonly fileBytes: number;
}

export type GgufHeaderOutcome =
  | { readonly kind: "header"; readonly header: GgufHeader }
  /** The header goes on behind the bytes given. */
  | { readonly kind: "incomplete" }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

const MAGIC = 0x46554747; // "GGUF", little-endian
const VERSIONS: readonly number[] = [2, 3];
const MOST_DIMENSIONS = 4;
const MOST_ENTRIES = 1_000_000;

/**
 * Metadata and tensor list from the first bytes of a GGUF file; the tensors themselves are not
 * read. Format: the GGUF specification of ggml. Linear in the header.
 */
export function readGgufHeader(bytes: Uint8Array): GgufHeaderOutcome {
  const reader = createGgufReader(bytes);
  try {
    return { kind: "header", header: readHeader(reader) };
  } catch (error) {
    if (error instanceof HeaderEndsEarly) return { kind: "incomplete" };
    if (!(error instanceof BrokenHeader)) throw error;
    const problem = {
      path: `byte ${error.offset}`,
      found: error.message,
      expected: "a little-endian GGUF header of version 2 or 3",
      remedy: "Convert the model again, or give its config.json.",
    };
    return { kind: "problems", problems: [problem] };
  }
}

function readHeader(reader: GgufReader): GgufHeader {
  if (reader.uint32() !== MAGIC) throw new BrokenHeader("other first bytes than GGUF", 0);
  const version = reader.uint32();
  if (!VERSIONS.includes(version)) throw new BrokenHeader(`version ${version}`, 4);
  const tensorCount = readCount(reader, "tensors");
  const entryCount = readCount(reader, "metadata entries");
  const metadata = new Map<string, GgufValue>();
  for (let entry = 0; entry < entryCount; entry++) {
    const key = reader.string();
    metadata.set(key, reader.value());
  }
  const tensors = Array.from({ length: tensorCount }, () => readTensor(reader));
  return { version, metadata, tensors, fileBytes: fileBytes(reader.offset(), metadata, tensors) };
}

const DEFAULT_ALIGNMENT = 32;

function fileBytes(
  headerBytes: number,
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: readonly GgufTensor[],
): number {
  const given = metadata.get("general.alignment");
  const alignment = typeof given === "number" && given > 0 ? given : DEFAULT_ALIGNMENT;
  const end = tensors.reduce((most, { offset, bytes }) => Math.max(most, offset + bytes), 0);
  return end === 0 ? headerBytes : alignment * Math.ceil(headerBytes / alignment) + end;
}

function readCount(reader: GgufReader, what: string): number {
  const start = reader.offset();
  const count = reader.count(what);
  if (count > MOST_ENTRIES) throw new BrokenHeader(`${count} ${what}`, start);
  return count;
}

function readTensor(reader: GgufReader): GgufTensor {
  const name = reader.string();
  const start = reader.offset();
  const dimensions = reader.uint32();
  if (dimensions > MOST_DIMENSIONS) throw new BrokenHeader(`${dimensions} dimensions`, start);
  let elements = 1;
  for (let axis = 0; axis < dimensions; axis++) elements *= reader.count("a dimension");
  if (!Number.isSafeInteger(elements)) throw new BrokenHeader(`${elements} elements`, start);
  const typeStart = reader.offset();
  const number = reader.uint32();
  const offset = reader.count("an offset");
  const type = findGgufType(number);
  if (type === undefined) throw new BrokenHeader(`the tensor type ${number}`, typeStart);
  const blocks = Math.ceil(elements / type.blockElements);
  return { name, type: type.name, elements, bytes: blocks * type.blockBytes, offset };
}

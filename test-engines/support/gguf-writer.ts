/** A value of a GGUF file's metadata: its key, its type, the value. */
export type GgufEntry =
  | readonly [key: string, type: "string", value: string]
  | readonly [key: string, type: "uint32" | "float32", value: number]
  | readonly [key: string, type: "bool", value: boolean]
  | readonly [key: string, type: "strings", value: readonly string[]]
  | readonly [key: string, type: "float32s" | "int32s", value: readonly number[]];

export interface GgufTensorData {
  readonly name: string;
  /** Fastest dimension first. */
  readonly shape: readonly number[];
  readonly type: "f32" | "f16";
  readonly data: Uint8Array;
}

/** Numbers of types, of ggml's GGUF specification. */
const VALUE = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;
const TENSOR = { f32: 0, f16: 1 } as const;
const VERSION = 3;
const ALIGNMENT = 32;

/** A GGUF file of version 3, little-endian. */
export function encodeGguf(
  metadata: readonly GgufEntry[],
  tensors: readonly GgufTensorData[],
): Uint8Array {
  const head = [
    Buffer.from("GGUF"),
    uint32(VERSION),
    uint64(tensors.length),
    uint64(metadata.length),
    ...metadata.map(encodeEntry),
  ];
  let offset = 0;
  for (const { name, shape, type, data } of tensors) {
    head.push(text(name), uint32(shape.length), ...shape.map(uint64));
    head.push(uint32(TENSOR[type]), uint64(offset));
    offset += data.length + padding(data.length);
  }
  const header = Buffer.concat(head);
  const body = tensors.flatMap(({ data }) => [data, new Uint8Array(padding(data.length))]);
  return Buffer.concat([header, new Uint8Array(padding(header.length)), ...body]);
}

function padding(length: number): number {
  return (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;
}

function encodeEntry([key, type, value]: GgufEntry): Buffer {
  const parts = [text(key)];
  switch (type) {
    case "string":
      parts.push(uint32(VALUE.string), text(value));
      break;
    case "bool":
      parts.push(uint32(VALUE.bool), Buffer.from([value ? 1 : 0]));
      break;
    case "uint32":
      parts.push(uint32(VALUE.uint32), uint32(value));
      break;
    case "float32":
      parts.push(uint32(VALUE.float32), float32(value));
      break;
    case "strings":
      parts.push(uint32(VALUE.array), uint32(VALUE.string), uint64(value.length));
      parts.push(...value.map(text));
      break;
    case "float32s":
      parts.push(uint32(VALUE.array), uint32(VALUE.float32), uint64(value.length));
      parts.push(...value.map(float32));
      break;
    case "int32s":
      parts.push(uint32(VALUE.array), uint32(VALUE.int32), uint64(value.length));
      parts.push(...value.map(uint32));
      break;
  }
  return Buffer.concat(parts);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function uint64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function float32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatLE(value);
  return buffer;
}

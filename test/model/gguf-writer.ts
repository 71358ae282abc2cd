/** A tiny GGUF writer: just the header, as the format's specification lays it out. */
export interface SampleTensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly type: number;
}

type Field = string | number | readonly number[] | readonly string[];

const UINT32 = 4;
const STRING = 8;
const ARRAY = 9;

export function writeGguf(
  metadata: Readonly<Record<string, Field>>,
  tensors: readonly SampleTensor[],
  version: number = 3,
): Uint8Array {
  const bytes: number[] = [];
  const integer = (value: number, size: number): void => {
    let rest = BigInt(value);
    for (let i = 0; i < size; i++) {
      bytes.push(Number(rest & 255n));
      rest >>= 8n;
    }
  };
  const text = (value: string): void => {
    const encoded = new TextEncoder().encode(value);
    integer(encoded.length, 8);
    bytes.push(...encoded);
  };
  const scalar = (value: string | number): void => {
    if (typeof value === "string") text(value);
    else integer(value, 4);
  };
  bytes.push(...new TextEncoder().encode("GGUF"));
  integer(version, 4);
  integer(tensors.length, 8);
  integer(Object.keys(metadata).length, 8);
  for (const [key, value] of Object.entries(metadata)) {
    text(key);
    if (typeof value === "object") {
      integer(ARRAY, 4);
      integer(typeof value[0] === "string" ? STRING : UINT32, 4);
      integer(value.length, 8);
      value.forEach(scalar);
    } else {
      integer(typeof value === "string" ? STRING : UINT32, 4);
      scalar(value);
    }
  }
  for (const { name, dimensions, type } of tensors) {
    text(name);
    integer(dimensions.length, 4);
    for (const size of dimensions) integer(size, 8);
    integer(type, 4);
    integer(0, 8);
  }
  return Uint8Array.from(bytes);
}

/** A value of GGUF metadata; of arrays only the length and, for numbers, the elements are kept. */
export type GgufValue = number | bigint | boolean | string | GgufArray;

interface GgufArray {
  readonly length: number;
  readonly numbers: readonly number[];
}

/** Signals that the bytes end before the header does; not an error of the file. */
export class HeaderEndsEarly extends Error {}

/** Signals bytes that no GGUF writer produces. */
export class BrokenHeader extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export interface GgufReader {
  offset(): number;
  uint32(): number;
  /** A 64-bit count that must fit a double. */
  count(what: string): number;
  string(): string;
  value(): GgufValue;
}

const LONGEST_STRING = 2 ** 26;
const KEPT_NUMBERS = 2 ** 16;
const TYPE_STRING = 8;
const TYPE_ARRAY = 9;

/** Sizes of the scalar types by their number. */
const SCALARS: Readonly<Record<number, (view: DataView, at: number) => [GgufValue, number]>> = {
  0: (view, at) => [view.getUint8(at), 1],
  1: (view, at) => [view.getInt8(at), 1],
  2: (view, at) => [view.getUint16(at, true), 2],
  3: (view, at) => [view.getInt16(at, true), 2],
  4: (view, at) => [view.getUint32(at, true), 4],
  5: (view, at) => [view.getInt32(at, true), 4],
  6: (view, at) => [view.getFloat32(at, true), 4],
  7: (view, at) => [view.getUint8(at) !== 0, 1],
  10: (view, at) => [view.getBigUint64(at, true), 8],
  11: (view, at) => [view.getBigInt64(at, true), 8],
  12: (view, at) => [view.getFloat64(at, true), 8],
};

/** Reads little-endian GGUF values from the first bytes of a file. */
export function createGgufReader(bytes: Uint8Array): GgufReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  let offset = 0;
  const take = <T>(read: (at: number) => [T, number]): T => {
    try {
      const [value, size] = read(offset);
      offset += size;
      return value;
    } catch (error) {
      if (error instanceof RangeError) throw new HeaderEndsEarly();
      throw error;
    }
  };
  const uint32 = (): number => take((at) => [view.getUint32(at, true), 4]);
  const count = (what: string): number => {
    const start = offset;
    const value = take((at) => [view.getBigUint64(at, true), 8]);
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw new BrokenHeader(`${what} of ${value}`, start);
    return Number(value);
  };
  const string = (): string => {
    const start = offset;
    const length = count("a string length");
    if (length > LONGEST_STRING) throw new BrokenHeader(`a string of ${length} bytes`, start);
    if (offset + length > bytes.length) throw new HeaderEndsEarly();
    offset += length;
    return decoder.decode(bytes.subarray(offset - length, offset));
  };
  const typed = (type: number): GgufValue => {
    if (type === TYPE_STRING) return string();
    if (type === TYPE_ARRAY) return array();
    const scalar = SCALARS[type];
    if (scalar === undefined) throw new BrokenHeader(`the value type ${type}`, offset - 4);
    return take((at) => scalar(view, at));
  };
  const array = (): GgufArray => {
    const type = uint32();
    if (type === TYPE_ARRAY) throw new BrokenHeader("an array of arrays", offset - 4);
    const length = count("an array length");
    const numbers: number[] = [];
    for (let index = 0; index < length; index++) {
      const value = typed(type);
      if (typeof value !== "string" && typeof value !== "object" && index < KEPT_NUMBERS) {
        numbers.push(Number(value));
      }
    }
    return { length, numbers };
  };
  return { offset: () => offset, uint32, count, string, value: () => typed(uint32()) };
}

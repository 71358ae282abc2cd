import type { CoverTypes } from "./cover-types.js";

/** Nodes that hold a layer, a row per depth of a search: what each is (a code, see {@link CoverTypes}) and how many layers it holds from there on. */
export interface CoverRows {
  clear(depth: number): void;
  add(depth: number, code: number, ahead: number): void;
  copy(from: number, to: number): void;
  /** Drops those that end next. @returns the layers until then. */
  pass(depth: number): number;
  /** Tokens/s of them all. */
  cover(depth: number): number;
  /** Their work, and their prices, in so many layers. */
  work(depth: number, layers: number): number;
  price(depth: number, layers: number): number;
  /** A number for what they are, below `keys`; undefined: too many to be one. */
  key(depth: number): number | undefined;
  readonly keys: number;
}

export function createCoverRows(
  { rateOf, shareOf, codes, sides }: CoverTypes,
  count: number,
): CoverRows {
  const width = 2 * count;
  const what = new Int32Array((count + 2) * width);
  const ahead = new Int32Array((count + 2) * width);
  const counts = new Int32Array(count + 2);
  const most = codes * sides + 1;
  const sum = (depth: number, layers: number, values: Float64Array): number => {
    let all = 0;
    for (let n = 0, at = depth * width; n < counts[depth]!; n++, at++)
      all += Math.min(ahead[at]!, layers) * values[what[at]!]!;
    return all;
  };
  return {
    keys: most * most,
    clear(depth) {
      counts[depth] = 0;
    },
    add(depth, code, layers) {
      const at = depth * width + counts[depth]!;
      counts[depth]! += 1;
      what[at] = code;
      ahead[at] = layers;
    },
    copy(from, to) {
      counts[to] = counts[from]!;
      for (let n = 0; n < counts[from]!; n++) {
        what[to * width + n] = what[from * width + n]!;
        ahead[to * width + n] = ahead[from * width + n]!;
      }
    },
    pass(depth) {
      const at = depth * width;
      let next = sides;
      for (let n = 0; n < counts[depth]!; n++) next = Math.min(next, ahead[at + n]!);
      let kept = 0;
      for (let n = 0; n < counts[depth]!; n++) {
        if (ahead[at + n] === next) continue;
        what[at + kept] = what[at + n]!;
        ahead[at + kept++] = ahead[at + n]! - next;
      }
      counts[depth] = kept;
      return next;
    },
    cover(depth) {
      let all = 0;
      for (let n = 0, at = depth * width; n < counts[depth]!; n++, at++) all += rateOf[what[at]!]!;
      return all;
    },
    work: (depth, layers) => sum(depth, layers, rateOf),
    price: (depth, layers) => sum(depth, layers, shareOf),
    key(depth) {
      const n = counts[depth]!;
      if (n > 2) return undefined;
      const at = depth * width;
      const first = n > 0 ? 1 + what[at]! * sides + ahead[at]! : 0;
      const second = n > 1 ? 1 + what[at + 1]! * sides + ahead[at + 1]! : 0;
      return Math.max(first, second) * most + Math.min(first, second);
    },
  };
}

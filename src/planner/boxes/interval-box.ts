/**
 * Ranges (inclusive) of the first layer, the number of layers and the end of every node: six numbers per
 * node, `box[6 * node + LEAST_START]` and so on. The three ranges of a node agree with each other.
 */
export type IntervalBox = Int16Array;

export const LEAST_START = 0;
export const MOST_START = 1;
export const LEAST_SIZE = 2;
export const MOST_SIZE = 3;
export const LEAST_END = 4;
export const MOST_END = 5;
export const RANGES = 6;

/** A box and how its halves are chosen. */
export interface Branching {
  readonly layers: number;
  /** Pairs of neighbours among nodes that nothing tells apart, the first to start before the second. */
  readonly twins: readonly (readonly [number, number])[];
  /** What the width of a node's ranges counts for: much for a strong node. */
  readonly weights: readonly number[];
}

/** Whether a node is the first or the last of its tokens' way decides which links it needs: asked early. */
const MODE_WIDTH = 0.3;

/**
 * Two boxes (or one, or none, where one is empty) that hold every placement of the box up to the names
 * of twins; undefined when it is a single placement. The widest range is halved: starts and ends by
 * layers (first what sets layer 0 and the last layer apart), sizes by ratio. O(nodes).
 */
export function halveBox(box: IntervalBox, branching: Branching): IntervalBox[] | undefined {
  const { layers, weights } = branching;
  let widest = 0;
  let least = -1;
  let middle = 0;
  const consider = (width: number, at: number, below: number): void => {
    if (width <= widest) return;
    widest = width;
    least = at;
    middle = below;
  };
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    const at = RANGES * i;
    const [start, lastStart] = [box[at + LEAST_START]!, box[at + MOST_START]!];
    if (start < lastStart) {
      const width = (2 * (lastStart - start)) / layers;
      if (start === 0) consider(weight * Math.max(MODE_WIDTH, width), at + LEAST_START, 0);
      else consider(weight * width, at + LEAST_START, (start + lastStart) >> 1);
    }
    const [end, lastEnd] = [box[at + LEAST_END]!, box[at + MOST_END]!];
    if (end < lastEnd) {
      const width = (2 * (lastEnd - end)) / layers;
      if (lastEnd === layers)
        consider(weight * Math.max(MODE_WIDTH, width), at + LEAST_END, layers - 1);
      else consider(weight * width, at + LEAST_END, (end + lastEnd) >> 1);
    }
    const [size, lastSize] = [box[at + LEAST_SIZE]!, box[at + MOST_SIZE]!];
    if (size < lastSize) {
      const below = Math.min(lastSize - 1, Math.floor(Math.sqrt(size * lastSize)));
      consider(weight * Math.log(lastSize / size), at + LEAST_SIZE, below);
    }
  }
  if (least < 0) return undefined;
  const lower = box.slice();
  lower[least + 1] = middle;
  const upper = box.slice();
  upper[least] = middle + 1;
  return [lower, upper].filter((half) => tightenBox(half, branching));
}

/**
 * Makes the ranges agree, and keeps twins in their order.
 * @param box changed in place.
 * @returns false when nothing is left of the box.
 */
export function tightenBox(box: IntervalBox, { twins }: Branching): boolean {
  for (const [a, b] of twins) {
    const [before, after] = [RANGES * a + LEAST_START, RANGES * b + LEAST_START];
    box[after] = Math.max(box[before]!, box[after]!);
  }
  for (let pair = twins.length - 1; pair >= 0; pair--) {
    const [a, b] = twins[pair]!;
    const [before, after] = [RANGES * a + MOST_START, RANGES * b + MOST_START];
    box[before] = Math.min(box[before]!, box[after]!);
  }
  for (let at = 0; at < box.length; at += RANGES) {
    for (let pass = 0; pass < 2; pass++) {
      raise(box, at + LEAST_START, box[at + LEAST_END]! - box[at + MOST_SIZE]!);
      lower(box, at + MOST_START, box[at + MOST_END]! - box[at + LEAST_SIZE]!);
      raise(box, at + LEAST_END, box[at + LEAST_START]! + box[at + LEAST_SIZE]!);
      lower(box, at + MOST_END, box[at + MOST_START]! + box[at + MOST_SIZE]!);
      raise(box, at + LEAST_SIZE, box[at + LEAST_END]! - box[at + MOST_START]!);
      lower(box, at + MOST_SIZE, box[at + MOST_END]! - box[at + LEAST_START]!);
    }
    for (let range = at; range < at + RANGES; range += 2)
      if (box[range]! > box[range + 1]!) return false;
  }
  return true;
}

function raise(box: IntervalBox, at: number, to: number): void {
  if (box[at]! < to) box[at] = to;
}

function lower(box: IntervalBox, at: number, to: number): void {
  if (box[at]! > to) box[at] = to;
}

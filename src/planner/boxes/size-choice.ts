/**
 * Nodes that take one of several sizes each, when sums of what they then do must be large enough. Rows are sums; a node's sizes come one after the
 * other, each with a value per row.
 */
export interface SizeChoice {
  begin(): void;
  /** One more row, and the least of its sum. */
  need(least: number): void;
  /** The next row's value of the size that is offered next. */
  put(value: number): void;
  offer(size: number): void;
  /** All sizes of a node are offered. */
  next(node: number): void;
  /** Leaves out what does not fit to the best of all others. @returns whether something is left for each. */
  narrow(): boolean;
  nodes(): number;
  node(position: number): number;
  choices(position: number): number;
  size(position: number, choice: number): number;
  /** Takes a size after those of the positions before it. @returns whether all sums may still be large enough. */
  take(position: number, choice: number): boolean;
}

/** Times that sizes are left out; the last ones leave out little. */
const ROUNDS = 3;

export function createSizeChoice(count: number, layers: number, width: number): SizeChoice {
  const most = layers + 1;
  const needs = new Float64Array(width);
  const values = new Float64Array(count * most * width);
  const sizes = new Int32Array(count * most);
  const numbers = new Int32Array(count);
  const ids = new Int32Array(count);
  /** By position and row: the best of its sizes, the sum of it and those behind it, and what those before it took. */
  const best = new Float64Array(count * width);
  const behind = new Float64Array((count + 1) * width);
  const taken = new Float64Array((count + 1) * width);
  const top = new Float64Array(width);
  let rows = 0;
  let nodes = 0;
  let put = 0;

  const findBest = (): void => {
    top.fill(0, 0, rows);
    for (let x = 0; x < nodes; x++) {
      for (let c = 0; c < rows; c++) {
        let value = -Infinity;
        for (let n = 0, at = x * most * width + c; n < numbers[x]!; n++, at += width)
          if (values[at]! > value) value = values[at]!;
        best[x * width + c] = value;
        top[c]! += value;
      }
    }
  };
  const fits = (x: number, n: number): boolean => {
    const at = (x * most + n) * width;
    for (let c = 0; c < rows; c++)
      if (top[c]! - best[x * width + c]! + values[at + c]! < needs[c]!) return false;
    return true;
  };
  /** @returns whether sizes were left out. */
  const leaveOut = (): boolean => {
    let isLess = false;
    for (let x = 0; x < nodes; x++) {
      let kept = 0;
      for (let n = 0; n < numbers[x]!; n++) {
        if (!fits(x, n)) continue;
        if (kept < n) {
          const [from, to] = [(x * most + n) * width, (x * most + kept) * width];
          values.copyWithin(to, from, from + rows);
          sizes[x * most + kept] = sizes[x * most + n]!;
        }
        kept += 1;
      }
      if (kept < numbers[x]!) isLess = true;
      numbers[x] = kept;
    }
    return isLess;
  };

  return {
    begin() {
      rows = 0;
      nodes = 0;
      put = 0;
      numbers[0] = 0;
    },
    need(least) {
      needs[rows++] = least;
    },
    put(value) {
      values[(nodes * most + numbers[nodes]!) * width + put++] = value;
    },
    offer(size) {
      sizes[nodes * most + numbers[nodes]!] = size;
      numbers[nodes]! += 1;
      put = 0;
    },
    next(node) {
      ids[nodes++] = node;
      if (nodes < count) numbers[nodes] = 0;
    },
    narrow() {
      findBest();
      for (let round = 0; round < ROUNDS && leaveOut(); round++) {
        for (let x = 0; x < nodes; x++) if (numbers[x] === 0) return false;
        findBest();
      }
      behind.fill(0, nodes * width, nodes * width + rows);
      for (let x = nodes - 1; x >= 0; x--)
        for (let c = 0; c < rows; c++)
          behind[x * width + c] = behind[(x + 1) * width + c]! + best[x * width + c]!;
      taken.fill(0, 0, rows);
      return true;
    },
    nodes: () => nodes,
    node: (x) => ids[x]!,
    choices: (x) => numbers[x]!,
    size: (x, n) => sizes[x * most + n]!,
    take(x, n) {
      const at = (x * most + n) * width;
      for (let c = 0; c < rows; c++) {
        const sum = taken[x * width + c]! + values[at + c]!;
        taken[(x + 1) * width + c] = sum;
        if (sum + behind[(x + 1) * width + c]! < needs[c]!) return false;
      }
      return true;
    },
  };
}

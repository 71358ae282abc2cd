/** Takes out the one with the least bound first; of equals the one that is further on. O(log n) each. */
export interface LeastFirst<Item> {
  put(item: Item): void;
  take(): Item | undefined;
}

/** A binary heap. */
export function createLeastFirst<
  Item extends { readonly atLeast: number; readonly end: number },
>(): LeastFirst<Item> {
  const heap: Item[] = [];
  const before = (a: Item, b: Item): boolean =>
    a.atLeast < b.atLeast || (a.atLeast === b.atLeast && a.end > b.end);
  const swap = (i: number, j: number): void => {
    [heap[i], heap[j]] = [heap[j]!, heap[i]!];
  };
  return {
    put(item) {
      let at = heap.push(item) - 1;
      while (at > 0) {
        const above = (at - 1) >> 1;
        if (!before(heap[at]!, heap[above]!)) break;
        swap(at, above);
        at = above;
      }
    },
    take() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined || heap.length === 0) return first;
      heap[0] = last;
      for (let at = 0; ;) {
        let least = at;
        for (const below of [2 * at + 1, 2 * at + 2])
          if (below < heap.length && before(heap[below]!, heap[least]!)) least = below;
        if (least === at) return first;
        swap(at, least);
        at = least;
      }
    },
  };
}

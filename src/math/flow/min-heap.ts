/** A binary heap: least key first, ties in no promised but reproducible order. */
export interface MinHeap<T> {
  size(): number;
  /** O(log n). */
  push(key: number, value: T): void;
  /** The entry with the least key. The heap must not be empty. */
  peek(): { readonly key: number; readonly value: T };
  /** Removes the entry with the least key. O(log n). The heap must not be empty. */
  pop(): { readonly key: number; readonly value: T };
}

export function createMinHeap<T>(): MinHeap<T> {
  const entries: { readonly key: number; readonly value: T }[] = [];
  return {
    size: () => entries.length,
    push(key, value) {
      let at = entries.length;
      const entry = { key, value };
      entries.push(entry);
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (entries[parent]!.key <= key) break;
        entries[at] = entries[parent]!;
        at = parent;
      }
      entries[at] = entry;
    },
    peek: () => entries[0]!,
    pop() {
      const top = entries[0]!;
      const last = entries.pop()!;
      if (entries.length === 0) return top;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= entries.length) break;
        if (child + 1 < entries.length && entries[child + 1]!.key < entries[child]!.key) child++;
        if (entries[child]!.key >= last.key) break;
        entries[at] = entries[child]!;
        at = child;
      }
      entries[at] = last;
      return top;
    },
  };
}

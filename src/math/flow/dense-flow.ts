/** Max flow on a few vertices with a matrix of capacities: no allocation between solves. */
export interface DenseFlow {
  clear(): void;
  setArc(from: number, to: number, capacity: number): void;
  /** The max flow, or `enough` if it is no less. Uses the capacities up. O(vertices² · augmentations). */
  maximum(source: number, sink: number, enough: number): number;
}

/** Shortest augmenting paths (Edmonds and Karp 1972). */
export function createDenseFlow(vertices: number): DenseFlow {
  const residual = new Float64Array(vertices * vertices);
  const before = new Int32Array(vertices);
  const queue = new Int32Array(vertices);
  const findPath = (source: number, sink: number): boolean => {
    before.fill(-1);
    before[source] = source;
    queue[0] = source;
    for (let head = 0, tail = 1; head < tail; head++) {
      const from = queue[head]!;
      for (let to = 0; to < vertices; to++) {
        if (before[to] !== -1 || residual[from * vertices + to]! <= 0) continue;
        before[to] = from;
        if (to === sink) return true;
        queue[tail++] = to;
      }
    }
    return false;
  };
  return {
    clear: () => residual.fill(0),
    setArc(from, to, capacity) {
      residual[from * vertices + to] = capacity;
    },
    maximum(source, sink, enough) {
      let total = 0;
      while (total < enough && findPath(source, sink)) {
        let narrowest = Infinity;
        for (let v = sink; v !== source; v = before[v]!)
          narrowest = Math.min(narrowest, residual[before[v]! * vertices + v]!);
        if (narrowest === Infinity) return enough;
        for (let v = sink; v !== source; v = before[v]!) {
          residual[before[v]! * vertices + v]! -= narrowest;
          residual[v * vertices + before[v]!]! += narrowest;
        }
        total += narrowest;
      }
      return Math.min(total, enough);
    },
  };
}

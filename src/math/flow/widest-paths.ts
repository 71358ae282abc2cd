import type { FlowNetwork } from "./network.js";

/** The widest paths from the source over amounts that may fall. */
export interface WidestPaths {
  /** The width of the widest path to the vertex; 0 = there is none. */
  widthOf(vertex: number): number;
  /** The last arc of that path, the lowest of equals. Only where the width is not 0. */
  arcInto(vertex: number): number;
  /** To be told of every vertex into which an amount fell. */
  revisit(vertex: number): void;
  /** Brings the widths up to date. */
  update(): void;
}

/**
 * Widths over the arcs with `left > 0` of an acyclic network, `order` its vertices from tail to head.
 * An update looks again at the vertices to be revisited and at those behind a width that changed, in
 * that order: O(n + arcs into them).
 */
export function createWidestPaths(
  { vertexCount, source, tail, head }: FlowNetwork,
  order: Int32Array,
  left: Float64Array,
): WidestPaths {
  const rank = new Int32Array(vertexCount);
  order.forEach((v, i) => (rank[v] = i));
  const into = groupArcs(head, vertexCount, left);
  const outOf = groupArcs(tail, vertexCount, left);
  const width = new Float64Array(vertexCount);
  const arcInto = new Int32Array(vertexCount).fill(-1);
  /** By rank: 1 = to be looked at again. */
  const stale = new Uint8Array(vertexCount).fill(1);
  width[source] = Infinity;

  function look(v: number): void {
    if (v === source) return;
    let best = 0;
    let last = -1;
    for (let i = into.first[v]!; i < into.first[v + 1]!; i++) {
      const a = into.arcs[i]!;
      const through = Math.min(width[tail[a]!]!, left[a]!);
      // Arcs stand in ascending order, so the first of equals is the lowest.
      if (through <= best) continue;
      best = through;
      last = a;
    }
    arcInto[v] = last;
    if (best === width[v]) return;
    width[v] = best;
    for (let i = outOf.first[v]!; i < outOf.first[v + 1]!; i++)
      stale[rank[head[outOf.arcs[i]!]!]!] = 1;
  }
  function update(): void {
    for (let at = stale.indexOf(1); at >= 0; at = stale.indexOf(1, at + 1)) {
      stale[at] = 0;
      look(order[at]!);
    }
  }
  update();
  return {
    widthOf: (v) => width[v]!,
    arcInto: (v) => arcInto[v]!,
    revisit: (v) => {
      stale[rank[v]!] = 1;
    },
    update,
  };
}

/** The arcs with something left by one of their ends, ascending: vertex v has `arcs[first[v] … first[v+1]−1]`. */
function groupArcs(
  ends: Int32Array,
  vertexCount: number,
  left: Float64Array,
): { readonly first: Int32Array; readonly arcs: Int32Array } {
  const first = new Int32Array(vertexCount + 1);
  let count = 0;
  left.forEach((amount, a) => {
    if (!(amount > 0)) return;
    first[ends[a]! + 1]!++;
    count++;
  });
  for (let v = 0; v < vertexCount; v++) first[v + 1]! += first[v]!;
  const next = first.slice(0, vertexCount);
  const arcs = new Int32Array(count);
  left.forEach((amount, a) => {
    if (amount > 0) arcs[next[ends[a]!]!++] = a;
  });
  return { first, arcs };
}

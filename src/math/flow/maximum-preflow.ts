import { allocateLabelLists, fileVertex, unfileVertex } from "./label-lists.js";
import { subtractAmount, type ResidualGraph } from "./residual-graph.js";

/** Work units (slots looked at, plus a charge per relabel) between two global relabellings. */
const WORK_PER_VERTEX = 6;
const WORK_PER_RELABEL = 12;

/**
 * Pushes as much as possible to the sink: highest label first, with gaps and global relabelling.
 * What cannot get there stays as excess where it stands. All capacities must be finite and no flow
 * may stand yet. O(n²√m).
 * @returns 1 for the vertices that still reach the sink: the sink side of a minimum cut.
 */
export function findMaximumPreflow(graph: ResidualGraph, source: number, sink: number): Uint8Array {
  const { vertexCount: n, first, middle, target, partner, residual } = graph;
  /** A lower bound on the arcs to the sink; n: the sink is out of reach. */
  const label = new Int32Array(n);
  const excess = new Float64Array(n);
  const next = new Int32Array(n);
  const queue = new Int32Array(n);
  // Without excess a vertex is idle, with excess it is active; labels of n and above are not filed.
  const idle = allocateLabelLists(n);
  const active = allocateLabelLists(n);
  let highestActive = -1;
  let highest = -1;
  let work = 0;
  const workLimit = WORK_PER_VERTEX * n + graph.arcCount;

  const activate = (v: number) => {
    fileVertex(active, v, label[v]!);
    if (label[v]! > highestActive) highestActive = label[v]!;
  };

  const relabelAll = () => {
    label.fill(n);
    idle.begin.fill(-1);
    active.begin.fill(-1);
    highestActive = -1;
    label[sink] = 0;
    queue[0] = sink;
    for (let begin = 0, end = 1; begin < end; begin++) {
      const v = queue[begin]!;
      const above = label[v]! + 1;
      highest = above - 1;
      for (let slot = first[v]!; slot < first[v + 1]!; slot++) {
        const w = target[slot]!;
        if (label[w] !== n || w === source || residual[partner[slot]!] === 0) continue;
        label[w] = above;
        next[w] = first[w]!;
        queue[end++] = w;
        if (excess[w]! > 0) activate(w);
        else fileVertex(idle, w, above);
      }
    }
    work = 0;
  };

  /** No vertex is left at this label, so none above it can reach the sink. */
  const closeGap = (gap: number) => {
    for (let k = gap; k <= highest; k++) {
      for (let v = idle.begin[k]!; v >= 0; v = idle.after[v]!) label[v] = n;
      for (let v = active.begin[k]!; v >= 0; v = active.after[v]!) label[v] = n;
      idle.begin[k] = -1;
      active.begin[k] = -1;
    }
    highest = gap - 1;
    if (highestActive > highest) highestActive = highest;
  };

  /** Pushes the excess of v down until none is left or v is out of reach. v is filed nowhere. */
  const discharge = (v: number) => {
    for (;;) {
      const below = label[v]! - 1;
      const end = first[v + 1]!;
      let slot = next[v]!;
      work += end - slot;
      for (; slot < end; slot++) {
        const r = residual[slot]!;
        const w = target[slot]!;
        if (r === 0 || label[w] !== below) continue;
        const amount = Math.min(excess[v]!, r);
        residual[slot] = subtractAmount(r, amount);
        residual[partner[slot]!]! += amount;
        excess[v] = subtractAmount(excess[v]!, amount);
        if (w !== sink && excess[w] === 0) {
          unfileVertex(idle, w, below);
          excess[w] = amount;
          activate(w);
        } else {
          excess[w]! += amount;
        }
        if (excess[v] === 0) {
          next[v] = slot;
          fileVertex(idle, v, label[v]!);
          return;
        }
      }
      const old = label[v]!;
      let lowest = n;
      for (slot = first[v]!; slot < end; slot++) {
        if (residual[slot]! > 0) lowest = Math.min(lowest, label[target[slot]!]! + 1);
      }
      work += end - first[v]! + WORK_PER_RELABEL;
      next[v] = first[v]!;
      if (idle.begin[old] === -1 && active.begin[old] === -1) {
        label[v] = n;
        closeGap(old);
        return;
      }
      label[v] = lowest;
      if (lowest >= n) return;
      if (lowest > highest) highest = lowest;
    }
  };

  for (let slot = first[source]!; slot < middle[source]!; slot++) {
    const amount = residual[slot]!;
    residual[slot] = 0;
    residual[partner[slot]!] = amount;
    excess[target[slot]!]! += amount;
  }
  // The first relabelling sets the labels, the last one the cut.
  relabelAll();
  while (highestActive >= 0) {
    const v = active.begin[highestActive]!;
    if (v < 0) {
      highestActive--;
      continue;
    }
    unfileVertex(active, v, label[v]!);
    discharge(v);
    if (work > workLimit) relabelAll();
  }
  relabelAll();
  return Uint8Array.from(label, (l) => (l < n ? 1 : 0));
}

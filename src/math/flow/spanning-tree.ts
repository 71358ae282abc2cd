import type { ResidualGraph } from "./residual-graph.js";

/** No slot: the edge to the root of all, which takes flow up without limit and never down. */
export const ARTIFICIAL = -1;

/**
 * A spanning tree of a residual graph, hung from one vertex that the graph does not have (index
 * `vertexCount`), with a potential per vertex: along every edge of the tree, from v to its parent w,
 * the potential rises by the cost of the slot from v to w.
 */
export interface SpanningTree {
  readonly parent: Int32Array;
  /** The slot from a vertex to its parent; `ARTIFICIAL` right below the root. */
  readonly up: Int32Array;
  readonly depth: Int32Array;
  readonly potential: Float64Array;
  /** Children as doubly linked lists; −1 ends them. */
  readonly firstChild: Int32Array;
  readonly before: Int32Array;
  readonly after: Int32Array;
}

/**
 * A forest of the arcs that can still change both ways, every tree of it hung from the root. So every
 * vertex can send something more along the tree to the root: the tree is strongly feasible
 * (Cunningham 1976). O(n + m).
 */
export function growTree(graph: ResidualGraph, slotCost: Float64Array): SpanningTree {
  const { vertexCount: n, first, target, partner, residual } = graph;
  const tree: SpanningTree = {
    parent: new Int32Array(n + 1).fill(-1),
    up: new Int32Array(n + 1).fill(ARTIFICIAL),
    depth: new Int32Array(n + 1),
    potential: new Float64Array(n + 1),
    firstChild: new Int32Array(n + 1).fill(-1),
    before: new Int32Array(n + 1).fill(-1),
    after: new Int32Array(n + 1).fill(-1),
  };
  const { parent, up, depth, potential } = tree;
  const queue = new Int32Array(n);
  for (let root = 0; root < n; root++) {
    if (parent[root] !== -1) continue;
    depth[root] = 1;
    hang(tree, root, n);
    queue[0] = root;
    for (let begin = 0, end = 1; begin < end; begin++) {
      const v = queue[begin]!;
      for (let slot = first[v]!; slot < first[v + 1]!; slot++) {
        const w = target[slot]!;
        const back = partner[slot]!;
        if (parent[w] !== -1 || !(residual[slot]! > 0 && residual[back]! > 0)) continue;
        up[w] = back;
        depth[w] = depth[v]! + 1;
        potential[w] = potential[v]! + slotCost[slot]!;
        hang(tree, w, v);
        queue[end++] = w;
      }
    }
  }
  return tree;
}

/**
 * Cuts the edge above `cut` and hangs what was below it from `to` by `slot`, which leads from a vertex
 * of the part cut off to `to`. The potentials of the part change by `shift`.
 * @param stack room for as many vertices as the part has.
 * @returns the number of vertices in the part; O(that).
 */
export function moveSubtree(
  tree: SpanningTree,
  cut: number,
  from: number,
  to: number,
  slot: number,
  partner: Int32Array,
  shift: number,
  stack: Int32Array,
): number {
  const { parent, up, depth, potential, firstChild, after } = tree;
  // Turn the path from `from` to `cut` around.
  let v = from;
  let above = to;
  let edge = slot;
  for (;;) {
    const oldParent = parent[v]!;
    const oldEdge = up[v]!;
    unhang(tree, v);
    up[v] = edge;
    hang(tree, v, above);
    if (v === cut) break;
    edge = partner[oldEdge]!;
    above = v;
    v = oldParent;
  }
  stack[0] = from;
  let moved = 0;
  for (let height = 1; height > 0;) {
    const w = stack[--height]!;
    moved++;
    depth[w] = depth[parent[w]!]! + 1;
    potential[w]! += shift;
    for (let child = firstChild[w]!; child >= 0; child = after[child]!) stack[height++] = child;
  }
  return moved;
}

function hang(tree: SpanningTree, v: number, below: number): void {
  const { parent, firstChild, before, after } = tree;
  const next = firstChild[below]!;
  parent[v] = below;
  before[v] = -1;
  after[v] = next;
  if (next >= 0) before[next] = v;
  firstChild[below] = v;
}

function unhang(tree: SpanningTree, v: number): void {
  const { parent, firstChild, before, after } = tree;
  const [previous, next] = [before[v]!, after[v]!];
  if (previous >= 0) after[previous] = next;
  else firstChild[parent[v]!] = next;
  if (next >= 0) before[next] = previous;
}

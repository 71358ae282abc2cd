import type { FlowNetwork } from "./network.js";

/**
 * The residual graph of a flow network in compressed rows, with room for reuse.
 *
 * Convention, here and nowhere else: every arc a of the network makes two slots, one at its tail
 * (the forward slot `slotOf[a]`) and one at its head (the reverse slot `partner[slotOf[a]]`).
 * Vertex v owns the slots `first[v] … first[v+1]−1`: forward slots up to `middle[v]−1`, reverse
 * slots from `middle[v]` on, both in the order of the arcs. A slot leads to `target[slot]` and can
 * still take `residual[slot]`: forward capacity − flow, reverse the flow itself. So the flow on a is
 * read from the reverse slot, which stays finite and exact where the capacity is infinite.
 *
 * Arrays may be longer than `vertexCount` and `arcCount` ask for; the rest is to be ignored.
 */
export interface ResidualGraph {
  vertexCount: number;
  arcCount: number;
  readonly first: Int32Array;
  readonly middle: Int32Array;
  readonly target: Int32Array;
  readonly partner: Int32Array;
  readonly residual: Float64Array;
  readonly slotOf: Int32Array;
}

/** What `loadResidualGraph` reads; only the first `arcCount` entries of the arrays count. */
export interface ArcList {
  readonly vertexCount: number;
  readonly arcCount: number;
  readonly tail: Int32Array;
  readonly head: Int32Array;
  readonly capacity: Float64Array;
}

/**
 * What is left below this share of the amount just taken is rounding and becomes zero. Scale-free:
 * a residue is compared with its own arc's traffic, never with other arcs of the network.
 */
const ROUNDING_SHARE = 2 ** -44;

/** `amount − taken`, with what is only rounding cut to zero. Needs 0 ≤ taken ≤ amount, taken finite. */
export function subtractAmount(amount: number, taken: number): number {
  const rest = amount - taken;
  return rest < taken * ROUNDING_SHARE ? 0 : rest;
}

/** An empty residual graph with room for that many vertices and arcs. */
export function allocateResidualGraph(maxVertices: number, maxArcs: number): ResidualGraph {
  // One buffer for all: allocating it costs more than filling it where networks are small.
  const buffer = new ArrayBuffer(8 * 2 * maxArcs + 4 * (2 * (maxVertices + 1) + 5 * maxArcs));
  let offset = 8 * 2 * maxArcs;
  const take = (length: number): Int32Array => {
    const part = new Int32Array(buffer, offset, length);
    offset += 4 * length;
    return part;
  };
  return {
    vertexCount: 0,
    arcCount: 0,
    first: take(maxVertices + 1),
    middle: take(maxVertices + 1),
    target: take(2 * maxArcs),
    partner: take(2 * maxArcs),
    residual: new Float64Array(buffer, 0, 2 * maxArcs),
    slotOf: take(maxArcs),
  };
}

/** The residual graph of the network with zero flow. O(n + m). */
export function buildResidualGraph(network: FlowNetwork): ResidualGraph {
  const arcCount = network.tail.length;
  const graph = allocateResidualGraph(network.vertexCount, arcCount);
  loadResidualGraph(graph, { ...network, arcCount });
  return graph;
}

/** Replaces the graph's content by these arcs with zero flow, allocating nothing. O(n + m). */
export function loadResidualGraph(graph: ResidualGraph, arcs: ArcList): void {
  const { first, middle, target, partner, slotOf } = graph;
  const { vertexCount, arcCount, tail, head } = arcs;
  graph.vertexCount = vertexCount;
  graph.arcCount = arcCount;
  first.fill(0, 0, vertexCount + 1);
  middle.fill(0, 0, vertexCount + 1);
  for (let a = 0; a < arcCount; a++) {
    middle[tail[a]!]!++;
    first[head[a]!]!++;
  }
  // Counts become the write positions of the forward (first) and the reverse slots (middle).
  let position = 0;
  for (let v = 0; v < vertexCount; v++) {
    const forward = middle[v]!;
    const reverse = first[v]!;
    first[v] = position;
    middle[v] = position + forward;
    position += forward + reverse;
  }
  first[vertexCount] = position;
  for (let a = 0; a < arcCount; a++) {
    const from = tail[a]!;
    const to = head[a]!;
    const forward = first[from]!++;
    const reverse = middle[to]!++;
    target[forward] = to;
    target[reverse] = from;
    partner[forward] = reverse;
    partner[reverse] = forward;
    slotOf[a] = forward;
  }
  // Each position now stands at the end of its run: first[v] at middle[v], middle[v] at first[v+1].
  position = 0;
  for (let v = 0; v < vertexCount; v++) {
    const end = middle[v]!;
    middle[v] = first[v]!;
    first[v] = position;
    position = end;
  }
  clearFlow(graph, arcs.capacity);
}

/** Sets the flow to zero and the capacities to these. O(m). */
export function clearFlow(graph: ResidualGraph, capacity: Float64Array): void {
  const { arcCount, partner, residual, slotOf } = graph;
  for (let a = 0; a < arcCount; a++) {
    const slot = slotOf[a]!;
    residual[slot] = capacity[a]!;
    residual[partner[slot]!] = 0;
  }
}

/** Sets flow and capacity of every arc. O(m). */
export function setFlow(graph: ResidualGraph, capacity: Float64Array, flow: Float64Array): void {
  const { arcCount, partner, residual, slotOf } = graph;
  for (let a = 0; a < arcCount; a++) {
    const slot = slotOf[a]!;
    const amount = Math.max(0, flow[a]!);
    residual[slot] = Math.max(0, capacity[a]! - amount);
    residual[partner[slot]!] = amount;
  }
}

/** The flow on every arc, never above its capacity. O(m). */
export function readFlow(graph: ResidualGraph, capacity: Float64Array): Float64Array {
  const { arcCount, partner, residual, slotOf } = graph;
  const flow = new Float64Array(arcCount);
  for (let a = 0; a < arcCount; a++) {
    flow[a] = Math.min(capacity[a]!, residual[partner[slotOf[a]!]!]!);
  }
  return flow;
}

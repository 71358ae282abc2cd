import { subtractAmount, type ResidualGraph } from "./residual-graph.js";

/**
 * Turns what stands on the arcs (a preflow, or a flow with rounding drift and cycles) into an acyclic
 * flow that every vertex but source and sink conserves up to rounding of its own traffic: cancels
 * cycles, then cuts what a vertex sends to what it gets, then what it gets to what it sends. Amounts
 * only shrink; what reaches the sink shrinks only by drift.
 * Source: Cherkassky and Goldberg, "On implementing push-relabel method for the maximum flow
 * problem" (1995), second stage.
 *
 * @returns the vertices in an order in which every arc with flow leads forward. Length vertexCount.
 * Complexity O(n + m) plus O(length) per cancelled cycle, at most m of them.
 */
export function restoreFlow(graph: ResidualGraph, source: number, sink: number): Int32Array {
  const order = cancelCycles(graph);
  const { first, middle, residual, partner } = graph;
  for (const v of order) {
    if (v === source) continue;
    let received = 0;
    for (let slot = middle[v]!; slot < first[v + 1]!; slot++) received += residual[slot]!;
    for (let slot = first[v]!; slot < middle[v]!; slot++) {
      received = subtractAmount(received, keepAtMost(graph, slot, received));
    }
  }
  for (let i = order.length - 1; i >= 0; i--) {
    const v = order[i]!;
    if (v === sink) continue;
    let sent = 0;
    for (let slot = first[v]!; slot < middle[v]!; slot++) sent += residual[partner[slot]!]!;
    for (let slot = middle[v]!; slot < first[v + 1]!; slot++) {
      sent = subtractAmount(sent, keepAtMost(graph, partner[slot]!, sent));
    }
  }
  return order;
}

/** Lowers the flow of a forward slot to the limit, if it is above; returns what it then carries. */
function keepAtMost(graph: ResidualGraph, slot: number, limit: number): number {
  const { partner, residual } = graph;
  const flow = residual[partner[slot]!]!;
  if (flow <= limit) return flow;
  residual[slot]! += flow - limit;
  residual[partner[slot]!] = limit;
  return limit;
}

/** Depth-first search over the arcs with flow; returns the vertices in topological order. */
function cancelCycles(graph: ResidualGraph): Int32Array {
  const { vertexCount, first, middle, target, partner, residual } = graph;
  const order = new Int32Array(vertexCount);
  const next = first.slice(0, vertexCount);
  /** 0 unseen, −1 done, else 1 + position on the path. */
  const place = new Int32Array(vertexCount);
  const path = new Int32Array(vertexCount);
  let left = vertexCount;
  for (let root = 0; root < vertexCount; root++) {
    if (place[root] !== 0) continue;
    let depth = 0; // path[0 … depth−1] are the slots that lead from the root to v
    let v = root;
    place[root] = 1;
    for (;;) {
      const slot = next[v]!;
      if (slot === middle[v]!) {
        place[v] = -1;
        order[--left] = v;
        if (depth === 0) break;
        v = target[partner[path[--depth]!]!]!;
        next[v]!++;
        continue;
      }
      const w = target[slot]!;
      if (residual[partner[slot]!] === 0 || place[w] === -1) {
        next[v]!++;
      } else if (place[w] === 0) {
        path[depth++] = slot;
        place[w] = depth + 1;
        v = w;
      } else {
        path[depth] = slot;
        const start = place[w]! - 1;
        const keep = cancelCycle(graph, path, start, depth + 1);
        while (depth > keep) {
          place[v] = 0; // unseen again: its later arcs wait at next[v]
          v = target[partner[path[--depth]!]!]!;
        }
      }
    }
  }
  return order;
}

/** Takes the smallest flow off the cycle; returns the position of the first slot left without flow. */
function cancelCycle(graph: ResidualGraph, path: Int32Array, start: number, end: number): number {
  const { partner, residual } = graph;
  let amount = Infinity;
  for (let i = start; i < end; i++) amount = Math.min(amount, residual[partner[path[i]!]!]!);
  let firstEmpty = -1;
  for (let i = end - 1; i >= start; i--) {
    const slot = path[i]!;
    const reverse = partner[slot]!;
    residual[reverse] = subtractAmount(residual[reverse]!, amount);
    residual[slot]! += amount;
    if (residual[reverse] === 0) firstEmpty = i;
  }
  return firstEmpty;
}

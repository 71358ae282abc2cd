import type { FlowNetwork } from "./network.js";
import { buildResidualGraph, setFlow, subtractAmount } from "./residual-graph.js";
import { restoreFlow } from "./restore-flow.js";

/** A simple source–sink path and the amount it carries. */
export interface FlowPath {
  /** The network's arcs from source to sink. */
  readonly arcs: readonly number[];
  readonly amount: number;
}

/** Paths that together would carry less than this share of the flow are rounding and left out. */
const DROPPED_SHARE = 1e-12;

/**
 * Splits a flow into at most m source–sink paths, the widest path left at every step, so that few
 * paths come out. Cycles are cancelled first and dropped. Equal widths: the lowest arc wins.
 * O(n + k) per path, k the arcs that carry flow.
 */
export function decomposeFlow(network: FlowNetwork, flow: Float64Array): readonly FlowPath[] {
  const { vertexCount, source, sink, tail, head, capacity } = network;
  const graph = buildResidualGraph(network);
  setFlow(graph, capacity, flow);
  const order = restoreFlow(graph, source, sink);
  const rank = new Int32Array(vertexCount);
  order.forEach((v, i) => (rank[v] = i));
  const left = Float64Array.from(graph.slotOf, (slot) => graph.residual[graph.partner[slot]!]!);
  // Arcs in the topological order of their tails: one pass of dynamic programming finds the widest path.
  let live = [...left.keys()].filter((a) => left[a]! > 0);
  live.sort((a, b) => rank[tail[a]!]! - rank[tail[b]!]! || a - b);
  const total = live.reduce((sum, a) => (tail[a] === source ? sum + left[a]! : sum), 0);
  const width = new Float64Array(vertexCount);
  const arcInto = new Int32Array(vertexCount);
  const paths: FlowPath[] = [];
  for (let rest = total; rest > DROPPED_SHARE * total;) {
    width.fill(0);
    width[source] = Infinity;
    for (const a of live) {
      const w = head[a]!;
      const through = Math.min(width[tail[a]!]!, left[a]!);
      if (through > width[w]! || (through === width[w] && through > 0 && a < arcInto[w]!)) {
        width[w] = through;
        arcInto[w] = a;
      }
    }
    const amount = width[sink]!;
    if (amount === 0) break;
    const arcs: number[] = [];
    let emptied = false;
    for (let v = sink; v !== source; v = tail[arcInto[v]!]!) {
      const a = arcInto[v]!;
      arcs.push(a);
      left[a] = subtractAmount(left[a]!, amount);
      if (left[a] === 0) emptied = true;
    }
    if (emptied) live = live.filter((a) => left[a]! > 0);
    paths.push({ arcs: arcs.reverse(), amount });
    rest -= amount;
  }
  return paths;
}

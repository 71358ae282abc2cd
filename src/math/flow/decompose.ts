import type { FlowNetwork } from "./network.js";
import { buildResidualGraph, setFlow, subtractAmount } from "./residual-graph.js";
import { restoreFlow } from "./restore-flow.js";
import { createWidestPaths } from "./widest-paths.js";

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
 * A path costs no more than O(n + k), k the arcs that carry flow; in large flows far less, as most
 * widths stay what they were.
 */
export function decomposeFlow(network: FlowNetwork, flow: Float64Array): readonly FlowPath[] {
  const { source, sink, tail, head, capacity } = network;
  const graph = buildResidualGraph(network);
  setFlow(graph, capacity, flow);
  const order = restoreFlow(graph, source, sink);
  const left = Float64Array.from(graph.slotOf, (slot) => graph.residual[graph.partner[slot]!]!);
  const total = left.reduce((sum, amount, a) => (tail[a] === source ? sum + amount : sum), 0);
  const widest = createWidestPaths(network, order, left);
  const paths: FlowPath[] = [];
  for (let rest = total; rest > DROPPED_SHARE * total;) {
    const amount = widest.widthOf(sink);
    if (amount === 0) break;
    const arcs: number[] = [];
    for (let v = sink; v !== source; v = tail[arcs.at(-1)!]!) arcs.push(widest.arcInto(v));
    for (const a of arcs) {
      left[a] = subtractAmount(left[a]!, amount);
      widest.revisit(head[a]!);
    }
    widest.update();
    paths.push({ arcs: arcs.reverse(), amount });
    rest -= amount;
  }
  return paths;
}

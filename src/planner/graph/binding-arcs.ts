import { findMarginalValues } from "../../math/flow/min-cut.js";
import type { BottleneckArc } from "./bottleneck.js";
import type { Evaluation } from "./evaluate-placement.js";

/** A capacity that lies in some minimum cut. */
export interface BindingArc extends BottleneckArc {
  /** Index in the graph's arcs. */
  readonly arc: number;
}

/** Residues below this share of the throughput count as none. */
const FULL_SHARE = 1e-7;

/**
 * Every arc of some minimum cut: full, and without a detour from its tail to its head in the
 * residual graph. In arc order. O(full arcs · (n + m)), cheap because few arcs are full.
 */
export function findBindingArcs(evaluation: Evaluation): readonly BindingArc[] {
  const { graph, maxFlow } = evaluation;
  const { tail, head, capacity, vertexCount } = graph.network;
  const threshold = FULL_SHARE * Math.max(1, maxFlow.value);
  const next: number[][] = Array.from({ length: vertexCount }, () => []);
  const full: number[] = [];
  maxFlow.flow.forEach((flow, arc) => {
    if (capacity[arc]! - flow > threshold) next[tail[arc]!]!.push(head[arc]!);
    else if (flow > threshold) full.push(arc);
    if (flow > threshold) next[head[arc]!]!.push(tail[arc]!);
  });
  const component = strongComponents(next);
  const marginal = findMarginalValues(graph.network, maxFlow);
  return full
    .filter((arc) => component[tail[arc]!] !== component[head[arc]!])
    .map((arc) => ({
      arc,
      kind: graph.kinds[arc]!,
      from: graph.from[arc]!,
      to: graph.to[arc]!,
      capacity: capacity[arc]!,
      marginal: marginal[arc]!,
    }));
}

/** Component number by vertex (Kosaraju's two passes, without recursion). O(n + m). */
function strongComponents(next: readonly (readonly number[])[]): Int32Array {
  const order = finishOrder(next);
  const previous: number[][] = next.map(() => []);
  next.forEach((heads, v) => {
    for (const w of heads) previous[w]!.push(v);
  });
  const component = new Int32Array(next.length).fill(-1);
  let count = 0;
  for (const root of order.reverse()) {
    if (component[root] !== -1) continue;
    const members = [root];
    component[root] = count;
    for (const v of members) {
      for (const w of previous[v]!) {
        if (component[w] !== -1) continue;
        component[w] = count;
        members.push(w);
      }
    }
    count++;
  }
  return component;
}

function finishOrder(next: readonly (readonly number[])[]): number[] {
  const seen = new Uint8Array(next.length);
  const position = new Int32Array(next.length);
  const order: number[] = [];
  for (let root = 0; root < next.length; root++) {
    if (seen[root] === 1) continue;
    const path = [root];
    seen[root] = 1;
    while (path.length > 0) {
      const v = path[path.length - 1]!;
      const w = next[v]![position[v]!];
      position[v]!++;
      if (w === undefined) order.push(path.pop()!);
      else if (seen[w] === 0) {
        seen[w] = 1;
        path.push(w);
      }
    }
  }
  return order;
}

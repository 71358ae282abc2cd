import { BugError } from "../../core/errors.js";
import type { FlowNetwork, MaxFlow } from "./network.js";
import { buildResidualGraph, setFlow, type ResidualGraph } from "./residual-graph.js";

/** A minimum source–sink cut. */
export interface MinCut {
  /** 1 for the vertices on the source's side. Length vertexCount. */
  readonly sourceSide: Uint8Array;
  /** The arcs from the source's side to the sink's, ascending. */
  readonly arcs: readonly number[];
  /** Sum of their capacities: the maximum flow, up to tolerance. */
  readonly capacity: number;
}

/** The minimum cuts nearest to either end; they are the same exactly when the minimum cut is unique. */
export interface MinCuts {
  /** The one with the fewest vertices on the source's side. */
  readonly nearSource: MinCut;
  /** The one with the fewest vertices on the sink's side. */
  readonly nearSink: MinCut;
}

/**
 * Residues below this share of the value, spread over the arcs, count as none, and so does a free
 * share of a capacity below this: together they move the capacity of a cut by less than the tolerance.
 */
const RESIDUE_SHARE = 1e-7;
const CAPACITY_SHARE = 1e-9;

/**
 * Both extreme minimum cuts, from a maximum flow. O(n + m).
 * @throws BugError when the flow is not maximum.
 */
export function findMinCuts(network: FlowNetwork, maxFlow: MaxFlow): MinCuts {
  const { source, sink } = network;
  const graph = buildUsableGraph(network, maxFlow);
  const fromSource = reach(graph, source, "from");
  const toSink = reach(graph, sink, "to");
  if (fromSource[sink] === 1) throw new BugError("min cut: the flow given is not maximum");
  return {
    nearSource: describeCut(network, fromSource),
    nearSink: describeCut(
      network,
      toSink.map((reached) => 1 - reached),
    ),
  };
}

/**
 * For every arc, the rate at which the maximum flow grows per unit of capacity added to that arc
 * alone: 1 if its tail can still be reached from the source and the sink from its head, else 0.
 * Ford and Fulkerson's duality: 1 exactly for the arcs that lie in every minimum cut. Length m, O(n + m).
 */
export function findMarginalValues(network: FlowNetwork, maxFlow: MaxFlow): Uint8Array {
  const graph = buildUsableGraph(network, maxFlow);
  const fromSource = reach(graph, network.source, "from");
  const toSink = reach(graph, network.sink, "to");
  const { tail, head } = network;
  return Uint8Array.from(tail, (v, a) => fromSource[v]! & toSink[head[a]!]!);
}

/** The residual graph of the flow in which residues that are only rounding count as zero. */
function buildUsableGraph(network: FlowNetwork, { value, flow }: MaxFlow): ResidualGraph {
  const { capacity } = network;
  const graph = buildResidualGraph(network);
  setFlow(graph, capacity, flow);
  const { residual, partner, slotOf, arcCount } = graph;
  const residue = (RESIDUE_SHARE * value) / Math.max(1, arcCount);
  for (let a = 0; a < arcCount; a++) {
    const slot = slotOf[a]!;
    const floor = capacity[a] === Infinity ? 0 : CAPACITY_SHARE * capacity[a]!;
    if (residual[slot]! <= Math.max(residue, floor)) residual[slot] = 0;
    if (residual[partner[slot]!]! <= residue) residual[partner[slot]!] = 0;
  }
  return graph;
}

/** 1 for the vertices that the root reaches ("from") or that reach the root ("to") in the residual graph. */
function reach(graph: ResidualGraph, root: number, direction: "from" | "to"): Uint8Array {
  const { vertexCount, first, target, partner, residual } = graph;
  const reached = new Uint8Array(vertexCount);
  reached[root] = 1;
  const queue = [root];
  for (const v of queue) {
    for (let slot = first[v]!; slot < first[v + 1]!; slot++) {
      const w = target[slot]!;
      const usable = residual[direction === "from" ? slot : partner[slot]!]! > 0;
      if (!usable || reached[w] === 1) continue;
      reached[w] = 1;
      queue.push(w);
    }
  }
  return reached;
}

function describeCut(network: FlowNetwork, sourceSide: Uint8Array): MinCut {
  const { tail, head, capacity } = network;
  const arcs: number[] = [];
  let total = 0;
  for (let a = 0; a < tail.length; a++) {
    if (sourceSide[tail[a]!] === 0 || sourceSide[head[a]!] === 1) continue;
    arcs.push(a);
    total += capacity[a]!;
  }
  return { sourceSide, arcs, capacity: total };
}

import { checkNetwork } from "./check-network.js";
import type { FlowNetwork, MaxFlow } from "./network.js";
import { netInflow } from "./net-inflow.js";
import {
  buildResidualGraph,
  readFlow,
  subtractAmount,
  type ResidualGraph,
} from "./residual-graph.js";
import { restoreFlow } from "./restore-flow.js";
import { refuseUnboundedPath } from "./unbounded-path.js";

/** Buffers of `runDinic`, each as long as the graph has vertices or longer. */
export interface DinicBuffers {
  /** Arcs to the sink in the residual graph; −1: the sink cannot be reached. */
  readonly level: Int32Array;
  /** The slot to look at next. */
  readonly next: Int32Array;
  /** The queue of the breadth-first search, then the slots of the current path. */
  readonly list: Int32Array;
}

export function allocateDinicBuffers(maxVertices: number): DinicBuffers {
  return {
    level: new Int32Array(maxVertices),
    next: new Int32Array(maxVertices),
    list: new Int32Array(maxVertices),
  };
}

/**
 * Maximum flow by blocking flows in the level graph (Dinic 1970), O(n²m) at worst. The flow is
 * acyclic and conserved up to rounding of each vertex's own traffic.
 * @throws InputError (`input-invalid`) for a broken network or an infinite-capacity source–sink path.
 */
export function solveByDinic(network: FlowNetwork): MaxFlow {
  checkNetwork(network);
  refuseUnboundedPath(network);
  const graph = buildResidualGraph(network);
  runDinic(graph, network.source, network.sink, allocateDinicBuffers(network.vertexCount));
  restoreFlow(graph, network.source, network.sink);
  const flow = readFlow(graph, network.capacity);
  return { value: netInflow(network, flow, network.sink), flow };
}

/**
 * Adds flow to the residual graph until it is maximum, or until `enough` has been added. Allocates
 * nothing. Every augmentation empties a slot for good within its round, and rounds are at most n, so
 * it ends whatever the rounding.
 * @returns the amount added; Infinity when a path of infinite capacity turns up (the flow is then
 * unfinished). After a run to the end, `buffers.level` is ≥ 0 exactly on the smallest sink side.
 */
export function runDinic(
  graph: ResidualGraph,
  source: number,
  sink: number,
  buffers: DinicBuffers,
  enough = Infinity,
): number {
  const { first, target, partner, residual } = graph;
  const { level, next, list: path } = buffers;
  let value = 0;
  while (value < enough && findLevels(graph, source, sink, buffers)) {
    let depth = 0;
    let v = source;
    for (;;) {
      if (v === sink) {
        let amount = Infinity;
        for (let i = 0; i < depth; i++) {
          const r = residual[path[i]!]!;
          if (r < amount) amount = r;
        }
        if (amount === Infinity) return Infinity;
        value += amount;
        let keep = depth;
        for (let i = depth - 1; i >= 0; i--) {
          const slot = path[i]!;
          const rest = subtractAmount(residual[slot]!, amount);
          residual[slot] = rest;
          residual[partner[slot]!]! += amount;
          if (rest === 0) keep = i;
        }
        if (value >= enough) break;
        v = target[partner[path[keep]!]!]!;
        depth = keep;
        continue;
      }
      const below = level[v]! - 1;
      const end = first[v + 1]!;
      let slot = next[v]!;
      while (slot < end && !(residual[slot]! > 0 && level[target[slot]!] === below)) slot++;
      next[v] = slot;
      if (slot < end) {
        path[depth++] = slot;
        v = target[slot]!;
      } else {
        if (depth === 0) break;
        v = target[partner[path[--depth]!]!]!;
        next[v]!++;
      }
    }
  }
  return value;
}

/** Breadth-first from the sink against the slots, up to the source's level; false if it is not reached. */
function findLevels(
  graph: ResidualGraph,
  source: number,
  sink: number,
  buffers: DinicBuffers,
): boolean {
  const { vertexCount, first, target, partner, residual } = graph;
  const { level, next, list: queue } = buffers;
  level.fill(-1, 0, vertexCount);
  level[sink] = 0;
  queue[0] = sink;
  for (let begin = 0, end = 1; begin < end; begin++) {
    const v = queue[begin]!;
    const above = level[v]! + 1;
    for (let slot = first[v]!, last = first[v + 1]!; slot < last; slot++) {
      const w = target[slot]!;
      if (level[w]! >= 0 || residual[partner[slot]!] === 0) continue;
      level[w] = above;
      next[w] = first[w]!;
      if (w === source) return true;
      queue[end++] = w;
    }
  }
  return false;
}

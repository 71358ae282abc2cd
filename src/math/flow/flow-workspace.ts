import { BugError } from "../../core/errors.js";
import { allocateDinicBuffers, runDinic } from "./dinic.js";
import { allocateResidualGraph, clearFlow, loadResidualGraph, setFlow } from "./residual-graph.js";
import { trimFlow } from "./trim-flow.js";

/**
 * Solves many small networks one after another in the same buffers; after the workspace is made,
 * nothing is allocated. For the inner loop of a search: arcs are not checked beyond the room for them.
 */
export interface FlowWorkspace {
  /** Empties the network and sets its number of vertices. */
  reset(vertexCount: number): void;
  /** Adds an arc and returns its index: 0, 1, 2 … since the last reset. Capacity ≥ 0, Infinity allowed. */
  addArc(tail: number, head: number, capacity: number): number;
  /** Changes one capacity; far cheaper than a reset, since the adjacency stays. */
  setCapacity(arc: number, capacity: number): void;
  /**
   * The maximum flow, from zero. With `enough`, stops as soon as the value is at least that:
   * the answer is then only a value ≥ `enough` that is attained. Infinity: a path of infinite capacity.
   */
  solve(source: number, sink: number, enough?: number): number;
  /**
   * The same from a flow that may be near it, such as that of a network little different; `source` must have
   * a single arc. Per arc an amount in `guess`, which is cut to the capacities and to what is conserved:
   * arcs with an amount above 0 must lead forwards in the first `length` vertices of `order`, which
   * are all but source and sink that carry any.
   */
  solveFrom(
    guess: Float64Array,
    order: Int32Array,
    length: number,
    source: number,
    sink: number,
    enough?: number,
  ): number;
  /** Flow on the arc after the last solve, up to rounding of the value; cycles may stand in it. */
  flowOf(arc: number): number;
  /** After a solve without early end: whether the vertex is outside the smallest sink side of a minimum cut. */
  onSourceSide(vertex: number): boolean;
  /** After a solve without early end: whether the arc leads out of that side. */
  inCut(arc: number): boolean;
  tailOf(arc: number): number;
  headOf(arc: number): number;
}

/** Room for that many vertices and arcs. */
export function createFlowWorkspace(maxVertices: number, maxArcs: number): FlowWorkspace {
  const graph = allocateResidualGraph(maxVertices, maxArcs);
  const buffers = allocateDinicBuffers(maxVertices);
  const arcs = {
    vertexCount: 0,
    arcCount: 0,
    tail: new Int32Array(maxArcs),
    head: new Int32Array(maxArcs),
    capacity: new Float64Array(maxArcs),
  };
  let loaded = false;
  return {
    reset(vertexCount) {
      if (vertexCount > maxVertices) throw new BugError("flow workspace: too many vertices");
      arcs.vertexCount = vertexCount;
      arcs.arcCount = 0;
      loaded = false;
    },
    addArc(tail, head, capacity) {
      const arc = arcs.arcCount;
      if (arc === maxArcs) throw new BugError("flow workspace: too many arcs");
      arcs.tail[arc] = tail;
      arcs.head[arc] = head;
      arcs.capacity[arc] = capacity;
      arcs.arcCount = arc + 1;
      loaded = false;
      return arc;
    },
    setCapacity(arc, capacity) {
      arcs.capacity[arc] = capacity;
    },
    solve(source, sink, enough) {
      if (loaded) clearFlow(graph, arcs.capacity);
      else loadResidualGraph(graph, arcs);
      loaded = true;
      return runDinic(graph, source, sink, buffers, enough);
    },
    solveFrom(guess, order, length, source, sink, enough = Infinity) {
      if (!loaded) loadResidualGraph(graph, arcs);
      loaded = true;
      setFlow(graph, arcs.capacity, guess);
      trimFlow(graph, order, length);
      const begun = graph.residual[graph.partner[graph.first[source]!]!]!;
      return begun + runDinic(graph, source, sink, buffers, enough - begun);
    },
    flowOf(arc) {
      return Math.min(arcs.capacity[arc]!, graph.residual[graph.partner[graph.slotOf[arc]!]!]!);
    },
    onSourceSide(vertex) {
      return buffers.level[vertex]! < 0;
    },
    inCut: (arc) => buffers.level[arcs.tail[arc]!]! < 0 && buffers.level[arcs.head[arc]!]! >= 0,
    tailOf: (arc) => arcs.tail[arc]!,
    headOf: (arc) => arcs.head[arc]!,
  };
}

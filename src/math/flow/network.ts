/**
 * A capacitated directed graph as parallel arrays: arc a runs from `tail[a]` to `head[a]` with
 * `capacity[a]` ≥ 0 (`Infinity` allowed). Parallel arcs and cycles are allowed, self-loops are not.
 */
export interface FlowNetwork {
  readonly vertexCount: number;
  readonly source: number;
  readonly sink: number;
  readonly tail: Int32Array;
  readonly head: Int32Array;
  readonly capacity: Float64Array;
}

/** A maximum flow: its value and the flow on every arc, in the order of the network's arcs. */
export interface MaxFlow {
  readonly value: number;
  readonly flow: Float64Array;
}

/** A flow algorithm. */
export type SolveMaxFlow = (network: FlowNetwork) => MaxFlow;

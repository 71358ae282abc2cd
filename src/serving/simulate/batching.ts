/** Batching policies by name. */
export const BATCHINGS = ["layerwise", "decode-first", "continuous"] as const;
export type BatchingName = (typeof BATCHINGS)[number];

/** How a node forms its batches. The methods keep `NodeState` and the queues up to date. */
export interface Batching {
  /** A request has come over a link that enters at this layer (counted from the first one held). */
  enqueue(node: number, entry: number, slot: number): void;
  /** Forms the next batch of an idle node and returns its seconds; −1 when nothing can run. */
  start(node: number): number;
  /** The batch under way has run: books the KV it has written. */
  book(node: number): void;
  /** Moves the batch on. Requests done with the node stay in its batch list, and only those. */
  end(node: number): void;
  /** Token-layers that a request of the batch just booked has written in this pass over the node. */
  written(node: number, slot: number, entry: number): number;
  /** Takes out a waiting request that blocks others by the KV it holds; −1 when there is none. */
  unblock(node: number): number;
  /** Length of the queue that the shortest-queue scheduler looks at. */
  queueLength(node: number): number;
  /** What the batch under way holds. */
  readonly promptsInBatch: Int32Array;
  readonly promptTokensInBatch: Float64Array;
  readonly decodesInBatch: Int32Array;
}

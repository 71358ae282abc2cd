import type { Calibration } from "./calibration.js";
import type { NodeState } from "./node-state.js";
import type { Queues } from "./queues.js";
import type { Requests } from "./requests.js";

/**
 * A way to form batches that an engine has: all that simulator, steady-state model and command line
 * need of it. The simulator makes the parts, the rule moves requests between them.
 */
export interface NodeBatching {
  readonly name: string;
  /** For people, after the name. */
  readonly help: string;
  /** What one batch runs: a layer of the node, or all that its requests still need there. */
  readonly runs: "layer" | "stage";
  /** What the steady-state model takes it for. */
  readonly calibration: Calibration;
  create(parts: BatchingParts): Batching;
}

/** What a rule works on. */
export interface BatchingParts extends BatchingSettings {
  readonly nodes: NodeState;
  readonly queues: Queues;
  readonly requests: Requests;
  /** Bytes of one token's activations between layers. */
  readonly activationBytes: number;
}

/** What a user may set; a rule reads its own. */
export interface BatchingSettings {
  /** Continuous batching: tokens per batch. */
  readonly batchTokens?: number;
  /** Decode-first batching: decode batches that may pass a waiting prompt. */
  readonly decodeRounds?: number;
}

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

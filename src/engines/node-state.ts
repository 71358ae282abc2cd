import type { LayerTime } from "./timing.js";

/** What the nodes of a run can do, and where they stand; one entry per node of the cluster. */
export interface NodeState {
  readonly count: number;
  readonly firstLayer: Int32Array;
  readonly layersHeld: Int32Array;
  /** First of the node's lists of waiting requests, one per layer held. */
  readonly firstQueue: Int32Array;
  /** The list of the batch under way. */
  readonly batch: Int32Array;
  readonly listCount: number;
  readonly promptTime: readonly LayerTime[];
  readonly decodeTime: readonly LayerTime[];
  readonly maxPrompts: Float64Array;
  readonly maxPromptTokens: Float64Array;
  readonly maxDecodes: Float64Array;
  readonly maxContext: Float64Array;
  readonly kvCapacity: Float64Array;
  /** Token-layers in the KV cache. */
  readonly kvUsed: Float64Array;
  /** Layer under way or to look at next, counted from the first held. */
  readonly layer: Int32Array;
  readonly busy: Uint8Array;
  /** Requests waiting on the node, in all its lists. */
  readonly waiting: Int32Array;
  /** Tokens received since the first layer last ran: they are still to be copied to the GPU. */
  readonly unloaded: Float64Array;
}

import { NO_OVERHEAD, type Engine } from "./engine.js";

/**
 * llama.cpp with its RPC servers: one batch at a time goes through all devices, so stages never
 * overlap and depth costs its whole time. Slots (`-np`) share batches of `-b` tokens (2,048); the context
 * is fixed at the start. The cards of one machine are devices of their own, without tensor parallelism.
 */
export const LLAMA_CPP: Engine = {
  name: "llama.cpp",
  title: "llama.cpp",
  placements: "chains",
  tensorParallel: "none",
  batching: {
    kind: "chain",
    batchTokens: 2048,
    maxSequences: 16,
    inFlight: "one",
    kv: "poorest",
    slotRequests: 2,
  },
  anyCard: true,
  overhead: NO_OVERHEAD,
};

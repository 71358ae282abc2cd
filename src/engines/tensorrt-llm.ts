import { NO_OVERHEAD, type Engine } from "./engine.js";

/**
 * TensorRT-LLM: `pp_partition` sets the stages; batches in flight, prompts in chunks up to
 * `max_num_tokens` (8,192 by default).
 */
export const TENSORRT_LLM: Engine = {
  name: "tensorrt-llm",
  title: "TensorRT-LLM",
  placements: "chains",
  tensorParallel: "equal",
  batching: {
    kind: "chain",
    batchTokens: 8192,
    maxSequences: 256,
    inFlight: "per-stage",
    kv: "poorest",
  },
  anyCard: false,
  overhead: NO_OVERHEAD,
};

import { NO_OVERHEAD, type Engine } from "./engine.js";

/**
 * SGLang: SGLANG_PP_LAYER_PARTITION sets the stages; KV is the least free bytes of all ranks, divided by
 * each rank's own layers. `--chunked-prefill-size` and `--max-running-requests` are passed by exports.
 */
export const SGLANG: Engine = {
  name: "sglang",
  title: "SGLang",
  placements: "chains",
  tensorParallel: "equal",
  batching: {
    kind: "chain",
    batchTokens: 4096,
    maxSequences: 256,
    inFlight: "per-stage",
    kv: "least-bytes",
  },
  anyCard: false,
  overhead: NO_OVERHEAD,
};

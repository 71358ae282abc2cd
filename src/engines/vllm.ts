import { NO_OVERHEAD, type Engine } from "./engine.js";

/**
 * vLLM (V1 scheduler, read in its sources of 2026). Pipeline stages are set by VLLM_PP_LAYER_PARTITION;
 * every rank gets the KV blocks of the poorest one. `--max-num-batched-tokens` defaults to 2,048 on
 * cards below 70 GiB and to 8,192 on larger ones, `--max-num-seqs` to 256 and 1,024; exports pass both,
 * so that what was planned for is what runs. It takes no `--max-num-batched-tokens` below `--max-num-seqs`, which counts the
 * requests of all batches under way.
 */
export const VLLM: Engine = {
  name: "vllm",
  title: "vLLM",
  placements: "chains",
  tensorParallel: "equal",
  batching: {
    kind: "chain",
    batchTokens: 2048,
    maxSequences: 256,
    requestsWithinStep: true,
    inFlight: "per-stage",
    kv: "poorest",
  },
  anyCard: false,
  // docs.vllm.ai, features/quantization, table of supported hardware (v0.11 to v0.15).
  notOnVolta: ["awq", "fp8"],
  overhead: NO_OVERHEAD,
};

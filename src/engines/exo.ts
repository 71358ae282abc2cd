import { NO_OVERHEAD, type Engine } from "./engine.js";

/** exo: a ring that runs one request at a time. */
export const EXO: Engine = {
  name: "exo",
  title: "exo",
  placements: "chains",
  tensorParallel: "none",
  batching: {
    kind: "chain",
    batchTokens: 2048,
    stepIsFixed: true,
    maxSequences: 1,
    inFlight: "one",
    kv: "poorest",
  },
  anyCard: true,
  macsAlone: true,
  overhead: NO_OVERHEAD,
};

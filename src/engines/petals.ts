import { NO_OVERHEAD, type Engine } from "./engine.js";

/** Petals: every server batches for itself, and a request may enter a server in the middle of its blocks. */
export const PETALS: Engine = {
  name: "petals",
  title: "Petals",
  placements: "any",
  tensorParallel: "per-stage",
  batching: { kind: "per-server", batchTokens: 2048 },
  anyCard: true,
  families: ["bloom", "falcon", "llama", "mixtral"],
  overhead: NO_OVERHEAD,
};

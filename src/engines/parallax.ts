import { NO_OVERHEAD, type Engine } from "./engine.js";

/** Parallax: every server batches for itself; servers may be shared by pipelines at equal borders. */
export const PARALLAX: Engine = {
  name: "parallax",
  title: "Parallax",
  placements: "equal-borders",
  tensorParallel: "per-stage",
  batching: { kind: "per-server", batchTokens: 2048 },
  anyCard: true,
  overhead: NO_OVERHEAD,
};

import { NO_OVERHEAD, type Engine } from "../engine.js";

/**
 * The runtime of the Helix paper: any placement, batches formed layer by layer at every node. Its constants
 * stand in helix.ts.
 */
export const HELIX_ENGINE: Engine = {
  name: "helix",
  title: "Helix",
  placements: "any",
  tensorParallel: "per-stage",
  batching: { kind: "layerwise" },
  anyCard: true,
  overhead: NO_OVERHEAD,
};

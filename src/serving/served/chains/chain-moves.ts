import type { Engine } from "../../../engines/engine.js";
import type { ChainEffort } from "./plan-chains.js";

const MOVES_PER_STEP = 10;
const PATIENCE = 300;
/** Where nodes batch for themselves: pipelines made by hand are left as they are after so many moves without a gain. */
const PATIENCE_OF_NODES = 60;

/**
 * How long chains are taken apart and made anew: the same for a plan by itself and for one among several ways to share out cards, so
 * that none is worse off for being compared. Where trials of an iteration limit end it (`planOnTrial`), none are left for moves.
 */
export function movesFor(
  { batching }: Engine,
  iterationLimit: number | undefined,
): Pick<ChainEffort, "moves" | "patience"> {
  if (batching.kind === "chain") {
    const moves = iterationLimit === undefined ? Infinity : MOVES_PER_STEP * iterationLimit;
    return { moves, patience: PATIENCE };
  }
  return { moves: iterationLimit === undefined ? Infinity : 0, patience: PATIENCE_OF_NODES };
}

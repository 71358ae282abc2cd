import type { Cluster } from "../../core/cluster.js";
import type { Solver } from "../../math/lp/solver.js";
import { ROUNDING, type CoverModel } from "./cover-model.js";
import { listFrontSpace } from "./front-space.js";
import { sweepFronts } from "./front-sweep.js";
import type { LoadBytes } from "./load-bytes.js";
import type { Merged } from "./merge-alike.js";
import { mayTrim } from "./sweep-cover.js";

export interface FrontProofOptions {
  /** Tokens/s. */
  readonly floor: number;
  readonly cover: CoverModel;
  readonly merged: Merged;
  /** What is proven, and the best known, in layers of the largest kind. */
  readonly proven: number;
  readonly known: () => number;
  /** Ways kept at one border of a sweep at most. */
  readonly mostWays: number;
  readonly shouldStop: () => boolean;
  readonly onBound: (bound: number) => void;
  /** Told of whole solutions of the merged cover below what is known. */
  readonly onFound: (columns: Float64Array) => void;
}

/** Of what is known: the first step, the least one that is tried, and where a tenth is left to prove and what rounding takes. */
const STEP = 0.15;
const LEAST_STEP = 0.02;
const NEAR = 0.905;
/** A sweep that made fewer ways is followed by a larger step, one that was cut short by a smaller one. */
const FEW_WAYS = 20_000;
const SMALLER = 3;

/**
 * Rules out that anything costs less than a limit, then than a higher one, up to what is known, see {@link sweepFronts}. Nothing where
 * nodes may not give up layers at their ends.
 * @returns the highest bound that it proved; at least what was proven before.
 */
export function proveFronts(
  cluster: Cluster,
  load: LoadBytes,
  solver: Solver,
  options: FrontProofOptions,
): number {
  const { floor, cover, merged, known, mostWays, shouldStop, onBound, onFound } = options;
  let { proven } = options;
  const space = mayTrim(cover) ? listFrontSpace(cluster, floor, merged) : undefined;
  if (space === undefined) return proven;
  // What is better is so by a step at least.
  const step = load.step / load.largestLayer;
  const better = (): number => known() - (step > 1e-3 ? step / 2 : 0.5 * ROUNDING * known());
  for (let share = STEP; share > LEAST_STEP && proven < better() && !shouldStop();) {
    const end = proven < NEAR * known() ? NEAR * known() : better();
    const limit = end - proven < 1.3 * share * known() ? end : proven + share * known();
    const swept = sweepFronts(space, solver, { limit, mostWays, shouldStop });
    if (swept.proven > proven) onBound((proven = swept.proven));
    swept.covers.forEach(onFound);
    // A cover that links are too thin for stays in the way of all higher limits.
    if (swept.whole && proven < Math.min(limit, better())) break;
    if (!swept.whole) share /= SMALLER;
    else if (swept.made < FEW_WAYS) share *= 2;
  }
  return proven;
}

import type { SimulationResult } from "../../simulate/result.js";
import { keepsLimits } from "../find-rate.js";
import { oversteps, type ServiceLimits } from "../limits.js";
import { figuresOfRun, type ChainsServed } from "./chains-served.js";

/** Share of what is carried that is tried first, how much less where it breaks limits, and from where on nothing is served within them. */
const FIRST = 0.5;
const LESS = 1 / 3;
const TRICKLE = 0.01;
/** What breaks them at a trickle counts for so much of what it serves then: of slow machines the quickest chains are to be made. */
const SLOW = 1e-5;
/** Of what all chains carry, one that keeps limits counts for more than this share. */
const NOTHING = 1e-6;
/** Runs are short, so that a rate is known to no less than this share of itself. */
const SHARE = 0.06;

/**
 * What is served at the highest rate of random arrivals at which a run keeps the limits. By bisection, four to ten runs. Next to
 * nothing where a trickle breaks them ({@link isSlow}): beside quick ones it may still be of use, as limits are on all requests together.
 * @param most prompt and output tokens/s that are carried at most
 */
export function serveWithin(
  limits: ServiceLimits,
  most: number,
  run: (tokensPerSecond: number) => SimulationResult,
): ChainsServed {
  const keeps = (result: SimulationResult): boolean => keepsLimits({ result }, limits);
  let low = FIRST * most;
  let high = most;
  let kept = run(low);
  while (!keeps(kept) && low > TRICKLE * most) {
    high = low;
    low *= LESS;
    kept = run(low);
  }
  if (!keeps(kept)) {
    const figures = figuresOfRun(kept);
    const share = SLOW * Math.exp(-oversteps(kept, limits));
    return {
      ...figures,
      decodeTokensPerSecond: share * figures.decodeTokensPerSecond,
      uncertainty: 0,
    };
  }
  while (high - low > SHARE * high) {
    const middle = (low + high) / 2;
    const result = run(middle);
    if (keeps(result)) [low, kept] = [middle, result];
    else high = middle;
  }
  return { ...figuresOfRun(kept), uncertainty: 0 };
}

/** Whether a chain keeps no limits by itself, by what it counts for and what all chains carry at most. */
export function isSlow(decodeTokensPerSecond: number, most: number): boolean {
  return decodeTokensPerSecond < NOTHING * most;
}

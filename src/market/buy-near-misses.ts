import type { SearchPorts } from "../planner/portfolio/search.js";
import type { Market } from "./market.js";
import { reachOf, type BuyOptions } from "./plan-purchase.js";
import { planLonger } from "./plan-longer.js";
import type { Purchase } from "./purchase.js";

/** Share of the target from which on a plan in brief is near enough. */
const NEAR = 0.75;
/** Mixes planned at length. */
const MOST_TRIES = 2;
/** Of the time that is left, at most; the best has the rest. */
const SHARE = 0.6;

/**
 * Mixes that cost less than the best and served nearly the target in a plan of moments, planned at length, those of most tokens/s
 * first: what a busy machine, or the engine's own size of a step, left out would have everybody pay for one machine too many.
 * The best that is known afterwards; nothing where a budget is spent, steps are counted or an interrupt came.
 */
export async function buyNearMisses(
  market: Market,
  options: BuyOptions & { readonly deadline: number },
  best: Purchase,
  found: readonly Purchase[],
  ports: SearchPorts,
): Promise<Purchase> {
  const { goal, deadline, signal } = options;
  if (goal.kind === "budget" || deadline === Infinity) return best;
  const target = goal.tokensPerSecond;
  const near = found
    .filter(({ mix, result }) => mix !== undefined && reachOf(result) >= NEAR * target)
    .toSorted((a, b) => reachOf(b.result) - reachOf(a.result))
    .slice(0, MOST_TRIES);
  const { today } = best;
  let cheapest = best;
  for (const [at, miss] of near.entries()) {
    if (signal?.aborted === true) break;
    if (miss.pricePerHour >= cheapest.pricePerHour) continue;
    const share = (SHARE * (deadline - ports.now())) / (near.length - at);
    const until = { ...options, deadline: ports.now() + share };
    const longer = await planLonger(market, until, miss, ports);
    if (reachOf(longer.result) >= target) cheapest = { ...longer, ...(today && { today }) };
  }
  return cheapest;
}

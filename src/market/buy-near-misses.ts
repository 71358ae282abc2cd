import type { SearchPorts } from "../planner/portfolio/search.js";
import { buyCounts } from "./buy-one-type.js";
import { countsOf } from "./buy-worthwhile.js";
import type { Market } from "./market.js";
import { reachOf, type BuyOptions } from "./plan-purchase.js";
import { planLonger } from "./plan-longer.js";
import type { Purchase } from "./purchase.js";

/** A little more than what was too little. */
const SPARE = 1.01;
/** Share of the target from which on a plan in brief is near enough. */
const NEAR = 0.75;
/** In less time as many machines again are not worth a plan. */
const LEAST_SECONDS = 1;
/** Mixes planned at length. */
const MOST_TRIES = 2;
/** Of the time that is left, at most; the best has the rest. */
const SHARE = 0.6;

/**
 * Mixes that cost less than the best and served nearly the target in a plan of moments, planned at length, those of most tokens/s
 * first: what a busy machine, or the engine's own size of a step, left out would have everybody pay for one machine too many.
 * Where nothing serves the target yet, as many times the best as should. The best that is known afterwards; nothing new where a budget is spent, steps are counted or an interrupt came.
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
  const secondsOf = (tries: number): number => (SHARE * (deadline - ports.now())) / tries;
  const reached = reachOf(best.result);
  if (reached > 0 && reached < target && signal?.aborted !== true) {
    const times = (SPARE * target) / reached;
    const counts = countsOf(market, best).map((count, offer) =>
      Math.min(market.offers[offer]!.available, Math.ceil(count * times)),
    );
    const seconds = secondsOf(1);
    if (!(seconds >= LEAST_SECONDS)) return best;
    const more = await buyCounts(market, options, { counts, seconds, known: best }, ports);
    return reachOf(more.result) > reached ? more : best;
  }
  const near = found
    .filter(({ mix, pricePerHour }) => mix !== undefined && pricePerHour < best.pricePerHour)
    .filter(({ result }) => reachOf(result) >= NEAR * target && reachOf(result) < target)
    .toSorted((a, b) => reachOf(b.result) - reachOf(a.result))
    .slice(0, MOST_TRIES);
  const { today } = best;
  let cheapest = best;
  for (const [at, miss] of near.entries()) {
    if (signal?.aborted === true) break;
    if (miss.pricePerHour >= cheapest.pricePerHour) continue;
    const until = { ...options, deadline: ports.now() + secondsOf(near.length - at) };
    const longer = await planLonger(market, until, miss, ports);
    if (reachOf(longer.result) >= target) cheapest = { ...longer, ...(today && { today }) };
  }
  return cheapest;
}

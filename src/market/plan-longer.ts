import type { SearchPorts } from "../planner/portfolio/search.js";
import { buyCounts } from "./buy-one-type.js";
import { countsOf } from "./buy-worthwhile.js";
import type { Market } from "./market.js";
import { reachOf, type BuyOptions } from "./plan-purchase.js";
import type { Purchase } from "./purchase.js";

/** A plan in less time than this finds nothing that the one before did not. */
const LEAST_SECONDS = 1;

/**
 * The purchase planned anew in all the time that is left, where that serves more: mixes are compared by plans of
 * moments, in which the first way to share out cards is often the only one looked at, and whoever plans what was
 * bought would find more. Where steps are counted there is no time to be left.
 */
export async function planLonger(
  market: Market,
  options: BuyOptions & { readonly deadline: number },
  purchase: Purchase,
  ports: SearchPorts,
): Promise<Purchase> {
  const seconds = options.deadline - ports.now();
  if (purchase.placement === undefined || !(seconds >= LEAST_SECONDS) || seconds === Infinity)
    return purchase;
  if (options.signal?.aborted === true) return purchase;
  const counts = countsOf(market, purchase);
  const thorough = { ...options, thorough: true };
  const again = await buyCounts(market, thorough, { counts, seconds, known: purchase }, ports);
  if (reachOf(again.result) <= reachOf(purchase.result)) return purchase;
  const { result, placement, gap } = again;
  return { ...purchase, result, placement, gap };
}

import { reachOf } from "./plan-purchase.js";
import type { Purchase } from "./purchase.js";
import type { LimitedGoal } from "./purchase-limits.js";
import { reachesGoal } from "./reaches-goal.js";

/** Dearer purchases that are confirmed after the best. */
const MOST_OTHERS = 2;

/**
 * The best purchase with what long runs say of it. Where these miss the limits, though the short ones of its plan kept them, the cheapest
 * of the dearer ones that serve the target by their plans and are confirmed; the best all the same where none is.
 * @param found all that was planned
 */
export async function confirmCheapest(
  best: Purchase,
  found: readonly Purchase[],
  { tokensPerSecond }: LimitedGoal,
  confirm: (purchase: Purchase) => Promise<Purchase>,
): Promise<Purchase> {
  const confirmed = await confirm(best);
  if (best.mix === undefined || reachOf(best.result) < tokensPerSecond || reachesGoal(confirmed))
    return confirmed;
  const dearer = found
    .filter(({ result, pricePerHour }) => {
      return pricePerHour > best.pricePerHour && reachOf(result) >= tokensPerSecond;
    })
    .toSorted((a, b) => a.pricePerHour - b.pricePerHour)
    .slice(0, MOST_OTHERS);
  for (const other of dearer) {
    const own = await confirm(other);
    if (reachesGoal(own)) return own;
  }
  return confirmed;
}

import { isBetter, reachOf, reachOfBoth } from "./plan-purchase.js";
import type { Goal, Purchase } from "./purchase.js";
import { noiseOfServed, worthOfServed } from "./worth-of.js";

/** Of purchases the one that is bettered by none. */
export function mostOf(goal: Goal, found: readonly [Purchase, ...Purchase[]]): Purchase {
  return found.reduce((best, one) => (isBetter(goal, one, best) ? one : best));
}

/**
 * The purchase to be made. For a budget that is the cheapest of those that serve as much as any but for the noise of the two
 * figures, and no less for the money. All are measured at the one that serves most, so that small steps down do not add up.
 */
export function chooseBest(goal: Goal, found: readonly [Purchase, ...Purchase[]]): Purchase {
  const most = mostOf(goal, found);
  if (goal.kind === "target" || reachOf(most.result) === 0) return most;
  return found.reduce(
    (best, one) => (one.pricePerHour < best.pricePerHour && servesAsMuch(one, most) ? one : best),
    most,
  );
}

function servesAsMuch(purchase: Purchase, most: Purchase): boolean {
  const [reached, before] = reachOfBoth(purchase.result, most.result);
  const noise = Math.hypot(noiseShare(purchase), noiseShare(most));
  const share = Math.max(1 - noise, purchase.pricePerHour / most.pricePerHour);
  return purchase.mix !== undefined && reached >= share * before;
}

/** Half of the 95 % interval of what is served, as a share of it; flows have none. */
function noiseShare({ result }: Purchase): number {
  const worth = worthOfServed(result?.served);
  return worth > 0 ? noiseOfServed(result?.served) / worth : 0;
}

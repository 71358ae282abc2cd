import type { Purchase } from "../market/purchase.js";
import { formatDollars, formatRate } from "./format-number.js";
import { describeKept, describeMix } from "./purchase-beside.js";

/** Why there is nothing to buy, and what would help. */
export function describeNothing(purchase: Purchase): readonly string[] {
  const { goal, bound, nearest, reference, capacities, neededPrice, interrupted } = purchase;
  const until = interrupted === true ? "none found before the interrupt" : "none found in time";
  if (nearest !== undefined) {
    const speed = capacities === "given" ? "" : ` and machines as fast as in ${reference}`;
    const { tokensPerSecond: most, pricePerHour, mix } = nearest;
    const machines = mix.length === 0 ? "today's machines" : describeMix(mix);
    const least = `no mix under ${formatDollars(bound)} $/h carries the target, limits left aside${speed}`;
    const found = `the nearest, ${machines} for ${formatDollars(pricePerHour)} $/h, ${describeKept(most)}`;
    if (interrupted === true)
      return [`${until}: of mixes that keep the limits`, ...(most > 0 ? [found] : []), least];
    return [
      "none found: the mixes tried that carry the target miss the limits",
      most > 0 ? found : "none of them keeps the limits even at a light load",
      least,
      "loosen the limits, offer faster machines or wider links, or give it more time (--time-limit)",
    ];
  }
  if (goal.kind === "target") {
    return [
      bound === Infinity
        ? "none: everything on offer together does not carry that much"
        : `${until}; no mix under ${formatDollars(bound)} $/h reaches this`,
    ];
  }
  if (bound >= 1e-3) {
    return [`${until}; no mix within the budget carries more than ${formatRate(bound)} tokens/s`];
  }
  const needed =
    neededPrice === undefined
      ? ""
      : `; the cheapest on offer that does costs ${formatDollars(neededPrice)} $/h`;
  return [`none: no affordable mix holds the model${needed}`];
}

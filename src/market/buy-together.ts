import type { SearchPorts } from "../planner/portfolio/search.js";
import { buyCounts, fewestHolding } from "./buy-one-type.js";
import { cheapestTogether, mostTogether, type Worth } from "./combine-offers.js";
import { priceOf, type Market } from "./market.js";
import { reachOf, type BuyOptions } from "./plan-purchase.js";
import type { Purchase } from "./purchase.js";

/** Mixes planned where what machines do alone does not add up. */
const MOST_TRIES = 4;
/** A plan has no more than its share of the time. */
const MOST_SECONDS = 20;
const TIME_SHARE = 0.5;
/** A little more than what was too little. */
const SPARE = 1.01;

export interface KnownAlone {
  /** Purchases of one offer each, from which it is known what one machine is good for. */
  readonly alone: readonly Purchase[];
  /** Tokens/s of the machines that are there. */
  readonly today: number;
  /** What a target costs in the best purchase that serves it. */
  readonly below: number;
}

/**
 * Machines of several types, by what each serves alone: copies beside each other serve what each serves, so mostly
 * the sum is right. For a budget the mix of most tokens/s, for a target the cheapest that sums up to it; what its plan serves
 * then says how far the sum was off, and the next mix is sought for as much more or less. At most {@link MOST_TRIES} plans.
 */
export async function* buyTogether(
  market: Market,
  options: BuyOptions & { readonly deadline: number },
  { alone, today, below }: KnownAlone,
  ports: SearchPorts,
): AsyncGenerator<Purchase> {
  const { goal, deadline } = options;
  const known = alone[0];
  const isInterrupted = (): boolean => options.signal?.aborted === true;
  if (known === undefined || isInterrupted()) return;
  const worths = market.offers.map((_, offer) => worthOf(market, options, offer, alone, today));
  const seen = new Set<string>();
  let least = below;
  let need = goal.kind === "target" ? goal.tokensPerSecond - today : 0;
  for (let tries = 0; tries < MOST_TRIES && ports.now() < deadline; tries += 1) {
    if (isInterrupted()) return;
    const counts =
      goal.kind === "budget"
        ? mostTogether(market.offers, worths, goal.dollarsPerHour)
        : cheapestTogether(market.offers, worths, need, least);
    if (counts === undefined || counts.every((count) => count === 0)) return;
    const single = counts.filter((count) => count > 0).length < 2;
    // For a budget as many of one type as it pays for have been planned.
    if (seen.has(counts.join()) || (goal.kind === "budget" && single)) return;
    seen.add(counts.join());
    const seconds = Math.max(0.5, Math.min(MOST_SECONDS, TIME_SHARE * (deadline - ports.now())));
    const bought = await buyCounts(market, options, { counts, seconds, known }, ports);
    yield { ...bought, ...(single ? { oneType: true } : { together: true }) };
    if (goal.kind === "budget") return;
    const reach = reachOf(bought.result);
    const short = goal.tokensPerSecond / Math.max(reach, goal.tokensPerSecond / 3);
    if (reach >= goal.tokensPerSecond) least = Math.min(least, priceOf(market.offers, counts));
    const sum = counts.reduce((all, count, offer) => all + count * worths[offer]!.rate, 0);
    // More than a sum that was too little, though the shortfall by itself asks for less.
    need = short > 1 ? Math.max(need * short, sum) * SPARE : need * short;
  }
}

/** What one machine of an offer adds at best where its type was planned alone, and from how many on. O(log count) bounds. */
function worthOf(
  market: Market,
  options: BuyOptions,
  offer: number,
  alone: readonly Purchase[],
  today: number,
): Worth {
  const { machine, region } = market.offers[offer]!;
  const own = alone.flatMap(({ mix = [], result }) =>
    mix[0]?.machine === machine && mix[0].region === region
      ? [{ count: mix[0].count, rate: (reachOf(result) - today) / mix[0].count }]
      : [],
  );
  const rate = Math.max(0, ...own.map((one) => one.rate));
  const planned = Math.min(...own.filter((one) => one.rate > 0).map(({ count }) => count));
  if (rate === 0) return { rate, least: 1 };
  return { rate, least: fewestHolding(market, options, offer, planned) ?? planned };
}

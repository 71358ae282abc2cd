import type { Offer } from "./market.js";

/** What machines of an offer are good for beside others: so many tokens/s each, and how few do not serve at all. */
export interface Worth {
  readonly rate: number;
  readonly least: number;
}

/** Mixes looked at in one search: small markets are searched to the end, large ones from their best side. */
const MOST_MIXES = 100_000;

/**
 * The counts of least price, under `below`, whose machines are good for `need` tokens/s together; undefined where none are.
 * Depth first, most tokens/s for the money first, so the first mix is the greedy one; a branch ends where even the best rate for
 * the money would not bring the rest under the price known. Exact up to {@link MOST_MIXES} mixes.
 */
export function cheapestTogether(
  offers: readonly Offer[],
  worths: readonly Worth[],
  need: number,
  below = Infinity,
): readonly number[] | undefined {
  const order = orderByWorth(offers, worths);
  const counts = offers.map(() => 0);
  let best: readonly number[] | undefined;
  let least = below;
  let mixes = 0;
  const choose = (at: number, missing: number, price: number): void => {
    mixes += 1;
    if (mixes > MOST_MIXES) return;
    if (missing <= need * 1e-9) {
      if (price >= least * (1 - 1e-9)) return;
      least = price;
      best = [...counts];
      return;
    }
    const offer = order[at];
    if (offer === undefined) return;
    const { pricePerHour, available } = offers[offer]!;
    const { rate, least: few } = worths[offer]!;
    const most = Math.min(available, Math.max(few, Math.ceil(missing / rate - 1e-9)));
    for (let count = most; count >= 0; count -= 1) {
      if (count > 0 && count < few) continue;
      const [left, paid] = [missing - count * rate, price + count * pricePerHour];
      if (paid + Math.max(0, left) * (pricePerHour / rate) >= least) continue;
      counts[offer] = count;
      choose(at + 1, left, paid);
    }
    counts[offer] = 0;
  };
  choose(0, need, 0);
  return best;
}

/** The counts within a budget whose machines are good for the most tokens/s together. As {@link cheapestTogether}. */
export function mostTogether(
  offers: readonly Offer[],
  worths: readonly Worth[],
  dollarsPerHour: number,
): readonly number[] {
  const order = orderByWorth(offers, worths);
  const counts = offers.map(() => 0);
  let best: readonly number[] = [...counts];
  let most = 0;
  let mixes = 0;
  const choose = (at: number, money: number, value: number): void => {
    mixes += 1;
    if (mixes > MOST_MIXES) return;
    if (value > most * (1 + 1e-9)) {
      most = value;
      best = [...counts];
    }
    const offer = order[at];
    if (offer === undefined) return;
    const { pricePerHour, available } = offers[offer]!;
    const { rate, least } = worths[offer]!;
    const payable = Math.min(available, Math.floor(money / pricePerHour + 1e-9));
    for (let count = payable; count >= 0; count -= 1) {
      if (count > 0 && count < least) continue;
      const [left, worth] = [money - count * pricePerHour, value + count * rate];
      if (worth + left * (rate / pricePerHour) <= most) continue;
      counts[offer] = count;
      choose(at + 1, left, worth);
    }
    counts[offer] = 0;
  };
  choose(0, dollarsPerHour, 0);
  return best;
}

/** Offers that serve at all, those of most tokens/s for the money first. */
function orderByWorth(offers: readonly Offer[], worths: readonly Worth[]): readonly number[] {
  const perToken = (offer: number): number => offers[offer]!.pricePerHour / worths[offer]!.rate;
  return [...offers.keys()]
    .filter((offer) => worths[offer]!.rate > 0 && offers[offer]!.available > 0)
    .toSorted((a, b) => perToken(a) - perToken(b));
}

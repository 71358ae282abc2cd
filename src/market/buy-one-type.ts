import type { Cluster } from "../core/cluster.js";
import { resolveCluster } from "../formats/resolve-cluster.js";
import type { SearchPorts } from "../planner/portfolio/search.js";
import { boundAnyParts } from "../planner/parts/bound-any-parts.js";
import { UNCONSTRAINED } from "../planner/problem/problem.js";
import { buyMix, priceOf, type Market } from "./market.js";
import { planPurchase, reachOf, type BuyOptions } from "./plan-purchase.js";
import type { Purchase } from "./purchase.js";

/** A plan of machines of one type is made in a moment; unlike machines that stay beside them take longer. */
const MOST_SECONDS = 2.5;

/** So many machines of each offer, planned in so many seconds, under a bound that is known. */
export async function buyCounts(
  market: Market,
  options: BuyOptions,
  { counts, seconds, known }: CountedMix,
  ports: SearchPorts,
): Promise<Purchase> {
  const resolve = (own: readonly number[]): Cluster =>
    resolveCluster("the machines on offer", buyMix(market, own), options.referencedModel);
  const best = { counts, throughput: 0 };
  const found = { best, start: undefined, bound: known.bound, evaluated: 1, firstAt: 0 };
  const purchase = await planPurchase(market, found, options, resolve, seconds, ports);
  const { capacities, reference, rounds, mixesPlanned } = known;
  return { ...purchase, capacities, reference, rounds, mixesPlanned };
}

interface CountedMix {
  readonly counts: readonly number[];
  readonly seconds: number;
  readonly known: Purchase;
}

/**
 * Purchases of one offer alone, each planned and simulated: for a budget as many machines as it pays for, for a
 * target the fewest that serve it, found by halving. What a bound on the flow rules out, or must cost more than the
 * best so far, is not planned; where no number serves the target, the largest that costs less than the best so far is. Machines of most flow for the money come first. O(offers · log available) plans,
 * until the deadline.
 * @param known whose bound holds for every mix
 */
export async function* buyOneType(
  market: Market,
  options: BuyOptions & { readonly deadline: number },
  known: Purchase,
  ports: SearchPorts,
): AsyncGenerator<Purchase> {
  const { goal, referencedModel, deadline } = options;
  const resolve = (counts: readonly number[]): Cluster =>
    resolveCluster("the machines on offer", buyMix(market, counts), referencedModel);
  const isOver = (): boolean => options.signal?.aborted === true || ports.now() >= deadline;
  let least = Infinity;

  const alone = (offer: number, count: number): readonly number[] =>
    market.offers.map((_, other) => (other === offer ? count : 0));
  /** Tokens/s that no plan of so many exceeds. */
  const boundOf = (offer: number, count: number): number =>
    boundAnyParts(resolve(alone(offer, count)), UNCONSTRAINED);
  const buy = async (offer: number, count: number): Promise<Purchase> => {
    const seconds = Math.max(0.5, Math.min(MOST_SECONDS, deadline - ports.now()));
    const bought = await buyCounts(
      market,
      options,
      { counts: alone(offer, count), seconds, known },
      ports,
    );
    return { ...bought, oneType: true };
  };

  const worth = market.offers.map(({ available, pricePerHour }, offer) =>
    available === 0 ? 0 : boundOf(offer, available) / (available * pricePerHour),
  );
  const order = [...market.offers.entries()].toSorted(([a], [b]) => worth[b]! - worth[a]!);
  for (const [offer, { available, pricePerHour }] of order) {
    if (isOver()) return;
    if (goal.kind === "budget") {
      const count = Math.min(available, Math.floor(goal.dollarsPerHour / pricePerHour + 1e-9));
      if (count > 0) yield await buy(offer, count);
      continue;
    }
    let enough: Purchase | undefined;
    let most: Purchase | undefined;
    let [few, many] = [0, available + 1];
    for (let count = 1; few + 1 < many && !isOver();) {
      const dear = priceOf(market.offers, alone(offer, count)) >= least;
      const poor = !dear && boundOf(offer, count) < goal.tokensPerSecond;
      const purchase = dear || poor ? undefined : await buy(offer, count);
      const serves = reachOf(purchase?.result) >= goal.tokensPerSecond;
      if (dear || serves) {
        many = count;
        enough = purchase ?? enough;
      } else {
        few = count;
        most = purchase;
      }
      // Double until one is enough, then halve.
      count = many > available ? Math.min(2 * count, available) : Math.floor((few + many) / 2);
    }
    // As many as may still be worth it tell what one is good for, beside others.
    enough ??= most ?? (few > 0 && !isOver() ? await buy(offer, few) : undefined);
    if (enough === undefined) continue;
    if (reachOf(enough.result) >= goal.tokensPerSecond)
      least = Math.min(least, enough.pricePerHour);
    yield enough;
  }
}

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

/**
 * Purchases of one offer alone, each planned and simulated: for a budget as many machines as it pays for, for a
 * target the fewest that serve it, found by halving. What a bound on the flow rules out, or must cost more than the
 * best so far, is not planned. Machines of most flow for the money come first. O(offers · log available) plans,
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
    const counts = alone(offer, count);
    const mix = { best: { counts, throughput: 0 }, start: undefined, bound: known.bound };
    const seconds = Math.max(0.5, Math.min(MOST_SECONDS, deadline - ports.now()));
    const found = { ...mix, evaluated: 1, firstAt: 0 };
    const all = { ...options, judge: undefined };
    const purchase = await planPurchase(market, found, all, resolve, seconds, ports);
    const { capacities, reference, rounds, mixesPlanned } = known;
    return { ...purchase, capacities, reference, rounds, mixesPlanned, oneType: true };
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
    let [few, many] = [0, available + 1];
    for (let count = 1; few + 1 < many && !isOver();) {
      const dear = priceOf(market.offers, alone(offer, count)) >= least;
      const poor = !dear && boundOf(offer, count) < goal.tokensPerSecond;
      const purchase = dear || poor ? undefined : await buy(offer, count);
      const serves = reachOf(purchase?.result) >= goal.tokensPerSecond;
      if (dear || serves) {
        many = count;
        enough = purchase ?? enough;
      } else few = count;
      // Double until one is enough, then halve.
      count = many > available ? Math.min(2 * count, available) : Math.floor((few + many) / 2);
    }
    if (enough === undefined) continue;
    least = enough.pricePerHour;
    yield enough;
  }
}

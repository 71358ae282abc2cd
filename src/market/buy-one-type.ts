import type { Cluster } from "../core/cluster.js";
import { resolveCluster } from "../formats/resolve-cluster.js";
import type { SearchPorts } from "../planner/portfolio/search.js";
import { boundAnyParts } from "../planner/parts/bound-any-parts.js";
import { UNCONSTRAINED } from "../planner/problem/problem.js";
import { buyMix, type Market, type Offer } from "./market.js";
import { planPurchase, reachOf, type BuyOptions } from "./plan-purchase.js";
import type { Purchase } from "./purchase.js";

/** A plan of machines of one type is made in a moment; where rates of arrivals are sought it takes several runs. */
const LEAST_SECONDS = 2.5;
const MOST_SECONDS = 10;
/** A plan that begins when the time is up. */
const LATE_SECONDS = 0.5;
/** Of the number that a plan of moments asks for: its short runs promise less than is served. */
const HOPE = 0.9;
/** Plans for which an offer's share of the time is meant. */
const PLANS_EACH = 3;

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
 * target the fewest that serve it, and the most that do not. What a bound on the flow rules out, or must cost more than the
 * best so far, is not planned; where no number serves the target, the largest that costs less than the best so far is.
 * For a budget those that carry most at most come first, for a target those of most flow for the money. Each offer has its share of the time. O(offers · log available) plans,
 * mostly three an offer, until the deadline.
 * @param known whose bound holds for every mix
 */
export async function* buyOneType(
  market: Market,
  options: BuyOptions & { readonly deadline: number },
  known: Purchase,
  ports: SearchPorts,
): AsyncGenerator<Purchase> {
  const { goal, deadline } = options;
  let tried = false;
  // The search by flow may have taken all the time and found next to nothing: one type, that of most promise, is looked at all the same.
  const isOver = (): boolean =>
    options.signal?.aborted === true || (tried && ports.now() >= deadline);
  if (isOver()) return;
  let least = Infinity;
  let offersLeft = market.offers.filter(({ available }) => available > 0).length;

  const alone = (offer: number, count: number): readonly number[] =>
    market.offers.map((_, other) => (other === offer ? count : 0));
  /** Tokens/s that no plan of so many exceeds. */
  const boundOf = (offer: number, count: number): number =>
    boundAlone(market, options, offer, count);
  const buy = async (offer: number, count: number): Promise<Purchase> => {
    const share = (deadline - ports.now()) / (PLANS_EACH * Math.max(1, offersLeft));
    const least = share > 0 ? LEAST_SECONDS : LATE_SECONDS;
    const seconds = Math.max(least, Math.min(MOST_SECONDS, share));
    const counts = alone(offer, count);
    tried = true;
    const bought = await buyCounts(market, options, { counts, seconds, known }, ports);
    return { ...bought, oneType: true };
  };

  const affordable = ({ available, pricePerHour }: Offer): number =>
    goal.kind === "budget"
      ? Math.min(available, Math.floor(goal.dollarsPerHour / pricePerHour + 1e-9))
      : available;
  // A budget buys the most tokens/s, a target the most of them for the money.
  const worth = market.offers.map((listed, offer) => {
    const count = affordable(listed);
    if (count === 0) return 0;
    return boundOf(offer, count) / (goal.kind === "budget" ? 1 : count * listed.pricePerHour);
  });
  const order = [...market.offers.entries()]
    .filter(([, { available }]) => available > 0)
    .toSorted(([a], [b]) => worth[b]! - worth[a]!);
  for (const [offer, listed] of order) {
    if (isOver()) return;
    const { available, pricePerHour } = listed;
    if (goal.kind === "budget") {
      const count = affordable(listed);
      if (count > 0) yield await buy(offer, count);
    } else {
      const most = Math.min(available, countBelow(least, pricePerHour));
      for (const purchase of await findFewest(offer, most)) {
        if (reachOf(purchase.result) >= goal.tokensPerSecond)
          least = Math.min(least, purchase.pricePerHour);
        yield purchase;
      }
    }
    offersLeft -= 1;
  }

  /**
   * The fewest that serve the target, and the most of those planned that do not. What a few serve says how many it takes: the next number
   * is that, between those that are known to be too few and enough.
   */
  async function findFewest(offer: number, most: number): Promise<readonly Purchase[]> {
    const target = goal.kind === "target" ? goal.tokensPerSecond : 0;
    let [few, many] = [0, most + 1];
    const holding = fewestHolding(market, options, offer, most);
    if (holding === undefined) return [];
    few = holding - 1;
    let enough: Purchase | undefined;
    let missed: Purchase | undefined;
    for (let count = few + 1; few + 1 < many && !isOver();) {
      const poor = enough !== undefined && boundOf(offer, count) < target;
      const purchase = poor ? undefined : await buy(offer, count);
      const reach = reachOf(purchase?.result);
      if (reach >= target) [many, enough] = [count, purchase];
      else {
        few = count;
        missed = purchase ?? missed;
      }
      const wanted = reach > 0 ? Math.ceil((HOPE * count * target) / reach) : 2 * count;
      count = Math.max(few + 1, Math.min(many - 1, wanted));
    }
    return [enough, missed].filter((purchase) => purchase !== undefined);
  }
}

/** Tokens/s that no plan of so many machines of an offer exceeds, beside those that are there. */
function boundAlone(
  market: Market,
  { referencedModel }: BuyOptions,
  offer: number,
  count: number,
): number {
  const counts = market.offers.map((_, other) => (other === offer ? count : 0));
  const cluster = resolveCluster("the machines on offer", buyMix(market, counts), referencedModel);
  return boundAnyParts(cluster, UNCONSTRAINED);
}

/** From how many machines of an offer on the model fits, by halving; undefined where `most` do not hold it. O(log most) bounds. */
export function fewestHolding(
  market: Market,
  options: BuyOptions,
  offer: number,
  most: number,
): number | undefined {
  const holds = (count: number): boolean => boundAlone(market, options, offer, count) > 0;
  if (most < 1 || !holds(most)) return undefined;
  let [few, many] = [0, most];
  while (few + 1 < many) {
    const middle = Math.floor((few + many) / 2);
    if (holds(middle)) many = middle;
    else few = middle;
  }
  return many;
}

/** So many machines cost less than a price. */
function countBelow(price: number, each: number): number {
  return price === Infinity ? Infinity : Math.ceil(price / each - 1e-9) - 1;
}

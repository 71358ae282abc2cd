import { boxesOf } from "../core/parting.js";
import { resolveCluster } from "../formats/resolve-cluster.js";
import type { SearchPorts } from "../planner/portfolio/search.js";
import { buyCounts } from "./buy-one-type.js";
import { buyMix, type Market } from "./market.js";
import { reachOfBoth, type BuyOptions } from "./plan-purchase.js";
import type { Goal, Purchase } from "./purchase.js";

/** What runs of one plan differ by: nobody pays for that. */
const NOISE = 0.01;
const MOST_SECONDS = 2.5;

/**
 * The purchase without what it does not serve with: machines that hold nothing in its plan, and all of it where
 * what is there serves as much alone. More flow may have wanted them. Says what is there serves, too. At most two plans.
 */
export async function buyWorthwhile(
  market: Market,
  options: BuyOptions & {
    readonly deadline: number;
    readonly today: Purchase | undefined;
    /** What serves most of all that was found. */
    readonly most: Purchase;
  },
  purchase: Purchase,
  ports: SearchPorts,
): Promise<Purchase> {
  const { goal, deadline, today: nothing, most } = options;
  const buy = (counts: readonly number[]): Promise<Purchase> => {
    const seconds = Math.max(0.5, Math.min(MOST_SECONDS, deadline - ports.now()));
    return buyCounts(market, options, { counts, seconds, known: purchase }, ports);
  };
  const counts = countsOf(market, purchase);
  const busy = countBusy(market, options, purchase);
  let best = purchase;
  const isOver = (): boolean => options.signal?.aborted === true || ports.now() >= deadline;
  if (!isOver() && busy.some((count, offer) => count < counts[offer]!)) {
    const without = await buy(busy);
    const { oneType, together } = purchase;
    const how = {
      withoutIdle: true,
      ...(oneType && { oneType }),
      ...(together && { together }),
    } as const;
    if (isWorthMore(goal, without, best, most)) best = { ...without, ...how };
  }
  const served = nothing?.result?.served;
  if (nothing === undefined || served === undefined) return best;
  const { decodeTokensPerSecond, promptTokensPerSecond } = served;
  const today = { decodeTokensPerSecond, promptTokensPerSecond };
  return { ...(isWorthMore(goal, nothing, best, most) ? nothing : best), today };
}

/** Today's machines alone, undefined where there are none. Even an interrupt must not end with less than they serve. */
export async function buyNothing(
  market: Market,
  options: BuyOptions & { readonly deadline: number },
  known: Purchase,
  ports: SearchPorts,
): Promise<Purchase | undefined> {
  if (market.base.nodes.length === 0) return undefined;
  const seconds = Math.max(0.5, Math.min(MOST_SECONDS, options.deadline - ports.now()));
  const counts = market.offers.map(() => 0);
  return buyCounts(market, options, { counts, seconds, known }, ports);
}

/** Costs less and serves as much as any but for noise; a target must still be served. */
function isWorthMore(goal: Goal, purchase: Purchase, than: Purchase, most: Purchase): boolean {
  const [reached, before] = reachOfBoth(purchase.result, most.result);
  if (purchase.pricePerHour >= than.pricePerHour || reached === 0) return false;
  if (goal.kind === "target") return reached >= goal.tokensPerSecond * (1 - 1e-6);
  return reached >= (1 - NOISE) * before;
}

/** How many of every offer a purchase has. O(offers · mix). */
export function countsOf({ offers }: Market, { mix = [] }: Purchase): readonly number[] {
  return offers.map(
    ({ machine, region }) =>
      mix.find((bought) => bought.machine === machine && bought.region === region)?.count ?? 0,
  );
}

/** How many of every offer hold layers in the purchase's plan. O(machines · nodes). */
function countBusy(
  market: Market,
  { referencedModel }: BuyOptions,
  purchase: Purchase,
): readonly number[] {
  const { placement } = purchase;
  const counts = countsOf(market, purchase);
  const bought = counts.reduce((sum, count) => sum + count, 0);
  if (placement === undefined || bought === 0) return counts;
  const cluster = resolveCluster("the mix", buyMix(market, counts), referencedModel);
  const ids = boxesOf(cluster).map((box) => (box.kind === "node" ? box.node.id : box.host.id));
  const working = placement.nodes.flatMap(({ id, layers }) => (layers === null ? [] : [id]));
  const works = (id: string): boolean =>
    working.some((node) => node === id || node.startsWith(`${id}/`));
  // Machines come in the order of the offers, behind those that were there.
  let next = ids.length - bought;
  return counts.map((count) => ids.slice(next, (next += count)).filter(works).length);
}

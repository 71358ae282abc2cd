import type { SearchPorts } from "../planner/portfolio/search.js";
import { buyCounts } from "./buy-one-type.js";
import type { Market } from "./market.js";
import { reachOf, type BuyOptions } from "./plan-purchase.js";
import type { Purchase } from "./purchase.js";
import type { LimitedGoal } from "./purchase-limits.js";

/** More machines for what is missing, where what machines do alone does not add up. */
const MOST_TRIES = 4;
const MOST_SECONDS = 8;
const SPARE = 1.05;

/**
 * Machines of several types that keep the limits by themselves, those of most tokens/s for the money first: as many of
 * each as there are, until together they serve the target. Copies beside each other serve what each serves, so
 * mostly the first mix does; else what is missing is bought in the same order.
 * @param alone purchases of one offer each, from which it is known what one machine is good for
 */
export async function* buyTogether(
  market: Market,
  options: BuyOptions & { readonly goal: LimitedGoal; readonly deadline: number },
  alone: readonly Purchase[],
  ports: SearchPorts,
): AsyncGenerator<Purchase> {
  const { goal, deadline } = options;
  const known = alone[0];
  if (known === undefined) return;
  const goodFor = market.offers.map(({ machine, region }) => {
    const rates = alone.flatMap(({ mix = [], result }) =>
      mix[0]?.machine === machine && mix[0].region === region ? reachOf(result) / mix[0].count : [],
    );
    return Math.max(0, ...rates);
  });
  const order = [...market.offers.entries()]
    .filter(([offer]) => goodFor[offer]! > 0)
    .toSorted(
      ([a, one], [b, other]) => one.pricePerHour / goodFor[a]! - other.pricePerHour / goodFor[b]!,
    );
  const counts = market.offers.map(() => 0);
  let missing = goal.tokensPerSecond;
  for (const [offer, { available }] of order) {
    const count = Math.min(available, Math.max(0, Math.ceil(missing / goodFor[offer]!)));
    counts[offer] = count;
    missing -= count * goodFor[offer]!;
  }
  if (order.length === 0) return;
  for (let tries = 0; tries < MOST_TRIES && ports.now() < deadline; tries += 1) {
    if (options.signal?.aborted === true) return;
    const seconds = Math.max(0.5, Math.min(MOST_SECONDS, deadline - ports.now()));
    const bought = await buyCounts(market, options, { counts: [...counts], seconds, known }, ports);
    yield bought;
    const reach = reachOf(bought.result);
    if (reach >= goal.tokensPerSecond) return;
    const alone = counts.reduce((sum, count, offer) => sum + count * goodFor[offer]!, 0);
    // What they are good for together, with a little to spare.
    let short = (SPARE * goal.tokensPerSecond * alone) / Math.max(reach, alone / 2) - alone;
    const before = counts.join();
    for (const [offer, { available }] of order) {
      const free = available - counts[offer]!;
      const more = Math.min(free, Math.max(0, Math.ceil(short / goodFor[offer]!)));
      counts[offer]! += more;
      short -= more * goodFor[offer]!;
    }
    if (counts.join() === before) return;
  }
}

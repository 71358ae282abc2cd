import type { SearchPorts } from "../planner/portfolio/search.js";
import { chooseBest, mostOf } from "./best-purchase.js";
import { createTrialMemories } from "../serving/served/chains/trial-memories.js";
import { buyByFlow } from "./buy-by-flow.js";
import { buyOneType } from "./buy-one-type.js";
import { buyTogether } from "./buy-together.js";
import { buyNothing, buyWorthwhile } from "./buy-worthwhile.js";
import { buyNearMisses } from "./buy-near-misses.js";
import { confirmCheapest } from "./confirm-cheapest.js";
import { confirmPurchase } from "./confirm-purchase.js";
import type { Market } from "./market.js";
import { isBetter, reachOf, type BuyOptions } from "./plan-purchase.js";
import type { Purchase } from "./purchase.js";
import { hasLimits, type LimitedGoal } from "./purchase-limits.js";
import { planLonger } from "./plan-longer.js";
import { standBeside } from "./stand-beside.js";

/** Share of the time for the search by flow, where what is served decides. */
const FLOW_SHARE = 0.5;
/** Share that is kept for what is left out of the best, and for a longer plan of it. */
const WORTHWHILE_SHARE = 0.2;
/** The same within limits, where the plan is followed by runs. */
const LONGER_SHARE = 0.3;
/** Share for mixes of several types, by what each serves alone. */
const TOGETHER_SHARE = 0.1;
/** Share within limits for the runs with the target arriving, and at the rate that is promised. */
const CONFIRM_SHARE = 0.15;
/** The same within limits, and of every search for more. */
const LIMITED_SHARE = 0.2;
const MORE_SHARE = 0.1;
/** Searches for a mix that carries more than the target, because the one before does not keep the limits at it. */
const MOST_MORE = 2;
const MOST_TIMES = 3;
const LEAST_TIMES = 1.15;
const DEFAULT_TIME_LIMIT = 60;

/**
 * What to buy, with a bound that holds for every mix. The mix of most flow is found first, with the bound
 * ({@link buyByFlow}). Flow is no promise: where its plan was simulated, machines of one type alone are
 * planned and simulated beside it, and mixes by what these serve ({@link buyTogether}); what serves more for the money, or
 * the target for less, is the answer: without machines that its plan leaves empty, and nothing at all where that serves as much ({@link buyWorthwhile}). What time is
 * left goes into its plan ({@link planLonger}).
 * Within limits on latency the plan of every mix says at which rate of arrivals it keeps them, and the answer
 * is run once more with the target arriving.
 * @throws InputError when the market's machines make no sense, or have no timing curves to judge limits
 * by, SolverError.
 */
export async function buyMachines(
  market: Market,
  options: BuyOptions,
  ports: SearchPorts,
): Promise<Purchase> {
  const { leftOut, settled } = market;
  const best = await buyBest(market, { ...options, trials: createTrialMemories() }, ports);
  const purchase = {
    ...best,
    ...(leftOut === undefined ? {} : { leftOut }),
    ...(settled === undefined ? {} : { settled }),
  };
  return options.signal?.aborted === true ? { ...purchase, interrupted: true } : purchase;
}

async function buyBest(market: Market, options: BuyOptions, ports: SearchPorts): Promise<Purchase> {
  const { planning, goal } = options;
  const seconds = planning.timeLimitSeconds ?? DEFAULT_TIME_LIMIT;
  const timed = planning.iterationLimit === undefined;
  const deadline = timed ? ports.now() + seconds : Infinity;
  const within = (share: number): BuyOptions =>
    timed ? { ...options, planning: { ...planning, timeLimitSeconds: share * seconds } } : options;
  const limited = hasLimits(goal);
  const byFlow = await buyByFlow(market, within(limited ? LIMITED_SHARE : FLOW_SHARE), ports);
  // In a moment no mix may have been planned, though some carries something.
  const open =
    byFlow.mix === undefined && byFlow.neededPrice === undefined && byFlow.bound < Infinity;
  if (byFlow.result?.served === undefined && !limited && !open) return byFlow;
  const found: [Purchase, ...Purchase[]] = [byFlow];
  const ones: Purchase[] = [];
  const until = deadline - (limited ? LONGER_SHARE : WORTHWHILE_SHARE) * seconds;
  const early = { ...options, deadline: until - TOGETHER_SHARE * seconds };
  const today = await buyNothing(market, early, byFlow, ports);
  for await (const alone of buyOneType(market, early, byFlow, ports)) {
    ones.push(alone);
    found.push(alone);
  }
  let best = chooseBest(goal, found);
  const served = reachOf(best.result);
  const serves = goal.kind === "target" && served >= goal.tokensPerSecond * (1 - 1e-6);
  const known = {
    alone: ones,
    today: reachOf(today?.result),
    below: serves ? best.pricePerHour : Infinity,
  };
  for await (const mix of buyTogether(market, { ...options, deadline: until }, known, ports))
    found.push(mix);
  best = chooseBest(goal, found);
  const [first, ...others] = ones;
  const simple = first && chooseBest(goal, [first, ...others]);
  const withOthers = (bought: Purchase): Purchase => {
    const other =
      bought.oneType === true
        ? standBeside("the mix of most flow", byFlow)
        : simple && standBeside("one machine type", simple);
    const same = JSON.stringify(other?.mix) === JSON.stringify(bought.mix);
    return other === undefined || same ? bought : { ...bought, beside: [other] };
  };
  if (!limited) {
    const worthwhile = await buyWorthwhile(
      market,
      { ...options, deadline, today, most: mostOf(goal, found) },
      best,
      ports,
    );
    const later = { ...options, deadline };
    const cheapest = await buyNearMisses(market, later, worthwhile, found, ports);
    return withOthers(await planLonger(market, later, cheapest, ports));
  }
  if (ports.now() < until)
    best = await buyMore(market, { ...within(MORE_SHARE), goal }, best, ports);
  const longer = { ...options, deadline: deadline - CONFIRM_SHARE * seconds };
  best = await buyNearMisses(market, longer, best, found, ports);
  best = await planLonger(market, longer, best, ports);
  const confirm = (purchase: Purchase): Promise<Purchase> =>
    confirmPurchase(purchase, { ...options, goal, deadline }, ports);
  return withOthers(await confirmCheapest(best, found, goal, confirm));
}

/** Mixes of more flow than the target, as long as none keeps the limits at it; the best, under the bound that is known. */
async function buyMore(
  market: Market,
  options: BuyOptions & { readonly goal: LimitedGoal },
  first: Purchase,
  ports: SearchPorts,
): Promise<Purchase> {
  const { goal } = options;
  const { bound } = first;
  let best = first;
  let asked = goal.tokensPerSecond;
  for (let round = 0; round < MOST_MORE; round += 1) {
    const reach = reachOf(best.result);
    if (best.mix === undefined || reach >= goal.tokensPerSecond) return best;
    if (options.signal?.aborted === true) return best;
    asked *= Math.min(MOST_TIMES, Math.max(LEAST_TIMES, goal.tokensPerSecond / reach));
    const more = { ...goal, tokensPerSecond: asked };
    const found = await buyByFlow(market, { ...options, goal: more }, ports);
    const { pricePerHour } = found;
    const gap = pricePerHour > 0 ? Math.max(0, (pricePerHour - bound) / pricePerHour) : 0;
    const own = { ...found, goal, bound, gap };
    if (own.mix !== undefined && isBetter(goal, own, best)) best = own;
  }
  return best;
}

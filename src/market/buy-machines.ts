import type { SearchPorts } from "../planner/portfolio/search.js";
import { buyByFlow } from "./buy-by-flow.js";
import { buyOneType } from "./buy-one-type.js";
import type { Market } from "./market.js";
import { isBetter, type BuyOptions } from "./plan-purchase.js";
import type { Purchase } from "./purchase.js";

/** Share of the time for the search by flow, where what is served decides. */
const FLOW_SHARE = 0.6;
const DEFAULT_TIME_LIMIT = 60;

/**
 * What to buy, with a bound that holds for every mix. The mix of most flow is found first, with the bound
 * ({@link buyByFlow}). Flow is no promise: where its plan was simulated, machines of one type alone are
 * planned and simulated beside it, and what serves more for the money, or the target for less, is the answer.
 * @throws InputError when the market's machines make no sense, or have no timing curves to judge limits
 * by, SolverError.
 */
export async function buyMachines(
  market: Market,
  options: BuyOptions,
  ports: SearchPorts,
): Promise<Purchase> {
  const { planning } = options;
  const seconds = planning.timeLimitSeconds ?? DEFAULT_TIME_LIMIT;
  const timed = planning.iterationLimit === undefined;
  const deadline = timed ? ports.now() + seconds : Infinity;
  const share = timed
    ? { ...options, planning: { ...planning, timeLimitSeconds: FLOW_SHARE * seconds } }
    : options;
  const byFlow = await buyByFlow(market, share, ports);
  if (byFlow.result?.served === undefined || byFlow.service !== undefined) return byFlow;
  let best = byFlow;
  for await (const alone of buyOneType(market, { ...options, deadline }, byFlow, ports))
    if (isBetter(options.goal, alone, best)) best = alone;
  return best;
}

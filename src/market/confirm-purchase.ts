import { resolveCluster } from "../formats/resolve-cluster.js";
import type { SearchPorts } from "../planner/portfolio/search.js";
import { serveAtRate } from "../serving/plan/serve-at-rate.js";
import { missesBy } from "../serving/served/find-rate.js";
import { reachOf, type BuyOptions } from "./plan-purchase.js";
import type { Purchase } from "./purchase.js";
import type { LimitedGoal } from "./purchase-limits.js";

/** Seeds that neither trials nor the promise have seen; the figures are of the first. */
const SEEDS = [104_729, 104_743, 104_759];

/**
 * Runs what is bought with the target arriving, and reports what these runs say. A purchase whose plan does not keep the
 * limits at the target is none: the rate at which it does is then the nearest.
 */
export async function confirmPurchase(
  purchase: Purchase,
  { goal, planning, referencedModel }: BuyOptions & { readonly goal: LimitedGoal },
  ports: SearchPorts,
): Promise<Purchase> {
  const { file, placement, pricePerHour, result } = purchase;
  if (file === undefined) return purchase;
  const { tokensPerSecond, limits } = goal;
  const reach = reachOf(result);
  if (placement === undefined || reach < tokensPerSecond * (1 - 1e-6)) {
    const nothing = { mix: undefined, result: undefined, placement: undefined, file: undefined };
    return { ...purchase, ...nothing, nearest: { pricePerHour, tokensPerSecond: reach } };
  }
  const { needed, reports } = await serveAtRate(
    resolveCluster("the mix", file, referencedModel),
    placement,
    planning,
    { tokensPerSecond, seeds: SEEDS.map((seed) => seed + planning.seed) },
    ports,
  );
  const { statistic = "mean" } = limits;
  const missed = reports.map((report) => missesBy(report, { ...limits, statistic }));
  const first = reports[0]!.result;
  const service = {
    decodeThroughput: first.decodeTokensPerSecond,
    neededThroughput: needed,
    promptLatency: first.timeToFirstToken[statistic],
    decodeLatency: first.timePerOutputToken[statistic],
    concurrency: first.meanInFlight,
    missedBy: Math.max(...missed),
    runs: missed.length,
    kept: missed.filter((each) => each === 0).length,
  };
  return { ...purchase, service };
}

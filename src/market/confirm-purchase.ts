import { resolveCluster } from "../formats/resolve-cluster.js";
import type { SearchPorts } from "../planner/portfolio/search.js";
import { describePromise } from "../serving/plan/describe-promise.js";
import { openAtRates, type PlanAtRates } from "../serving/plan/serve-at-rate.js";
import { missesBy } from "../serving/served/find-rate.js";
import { lowerUntilKept, type RacedRate } from "../serving/served/race-rates.js";
import { reachOf, type BuyOptions } from "./plan-purchase.js";
import type { Purchase } from "./purchase.js";
import type { LimitedGoal } from "./purchase-limits.js";
import type { ScenarioResult } from "./scenario-result.js";
import { withServed } from "./scenario.js";

/** Seeds that neither trials nor the promise have seen; the figures are of the first. */
const SEEDS = [104_729, 104_743, 104_759];
const PROMISE_SEED = 104_773;

/** For all runs after an interrupt. */
const INTERRUPTED_SECONDS = 3;

interface ConfirmOptions extends BuyOptions {
  readonly goal: LimitedGoal;
  /** On the ports' clock; `Infinity` where steps are counted. */
  readonly deadline: number;
}

/**
 * Runs what is bought with the target arriving, and reports what these runs say. A purchase whose plan does not keep the
 * limits at the target is none: the rate at which it does is then the nearest. What is served is then run for as long, too:
 * mixes are compared by runs of moments, in which the requests that happen to come are several percent more or less.
 */
export async function confirmPurchase(
  purchase: Purchase,
  options: ConfirmOptions,
  ports: SearchPorts,
): Promise<Purchase> {
  const { goal, planning, referencedModel, signal } = options;
  const { file, placement, pricePerHour, result } = purchase;
  if (file === undefined) return purchase;
  const { tokensPerSecond } = goal;
  const reach = reachOf(result);
  if (placement === undefined || reach < tokensPerSecond * (1 - 1e-6)) {
    const nothing = { mix: undefined, result: undefined, placement: undefined, file: undefined };
    return {
      ...purchase,
      ...nothing,
      nearest: { mix: purchase.mix ?? [], pricePerHour, tokensPerSecond: reach },
    };
  }
  const rates = openAtRates(
    resolveCluster("the mix", file, referencedModel),
    placement,
    planning,
    ports,
  );
  const soon = signal?.aborted === true ? ports.now() + INTERRUPTED_SECONDS : Infinity;
  const deadline = Math.min(options.deadline, soon);
  const promise = await runPromise(result, rates, { ...options, deadline }, ports);
  const { statistic = "mean" } = goal.limits;
  const limits = { ...goal.limits, statistic };
  const reports: RacedRate["report"][] = [];
  for (const [at, seed] of SEEDS.entries()) {
    const seconds = Math.max(0, deadline - ports.now()) / (SEEDS.length - at);
    reports.push(await rates.run(tokensPerSecond, seed + planning.seed, seconds));
  }
  const missed = reports.map((report) => missesBy(report, limits));
  const first = reports[0]!;
  const service = {
    decodeThroughput: first.result.decodeTokensPerSecond,
    neededThroughput: rates.decodeShare * tokensPerSecond,
    promptLatency: first.result.timeToFirstToken[statistic],
    decodeLatency: first.result.timePerOutputToken[statistic],
    concurrency: first.result.meanInFlight,
    missedBy: Math.max(...missed),
    runs: missed.length,
    kept: missed.filter((each) => each === 0).length,
  };
  const bound = result?.served?.bound;
  if (result === undefined || bound === undefined) return { ...purchase, service };
  const promised = promise ?? { tokensPerSecond, report: first };
  const { engineStep, stepsUntried } = result.served!;
  const served = {
    ...describePromise(promised, { bound, share: rates.decodeShare }),
    ...(engineStep && { engineStep }),
    ...(stepsUntried && { stepsUntried }),
  };
  return {
    ...purchase,
    service,
    result: withServed(result, served),
    placement: { ...placement, served },
  };
}

/**
 * A run at the rate that a plan promises, or at the highest below it and above the target that keeps the limits in so long a run;
 * undefined where none was found in half of the time.
 */
async function runPromise(
  result: ScenarioResult | undefined,
  rates: PlanAtRates,
  { goal, planning, deadline }: ConfirmOptions,
  ports: SearchPorts,
): Promise<Pick<RacedRate, "tokensPerSecond" | "report"> | undefined> {
  const { at } = result?.served ?? {};
  if (at === undefined || at === "saturation") return undefined;
  const seconds = (deadline - ports.now()) / 2;
  const until = ports.now() + seconds;
  const run = (tokensPerSecond: number): Promise<RacedRate["report"]> | undefined =>
    tokensPerSecond < at.rate && ports.now() > until
      ? undefined
      : rates.run(tokensPerSecond, PROMISE_SEED + planning.seed, until - ports.now());
  const limits = { statistic: "mean", ...goal.limits } as const;
  return lowerUntilKept(async (rate) => run(rate), {
    from: at.rate,
    least: goal.tokensPerSecond,
    limits,
  });
}

import type { Cluster } from "../../core/cluster.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { constraintsOf } from "../../planner/result/constraints-of.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { limitsLatency } from "../served/limits.js";
import { confirmRate } from "./confirm-rate.js";
import { describePromise } from "./describe-promise.js";
import type { PlanOptions, PlanOutcome } from "./plan.js";
import { runAtRates } from "./serve-at-rate.js";
import { startClock } from "./step-clock.js";

/** Share of the time that is kept for runs of what is promised. */
const CONFIRM_SHARE = 0.12;
/** Where the plan took that as well, they go on for so much of it after the end, or so many seconds. */
const LATE_SHARE = 0.06;
const MOST_LATE_SECONDS = 1;

type Plan = (cluster: Cluster, options: PlanOptions, ports: GoodputPorts) => Promise<PlanOutcome>;

/**
 * Plans, and runs what is promised within limits on latency once more, with the time that is kept for it: the best of many promises is likely
 * one that chance was kind to ({@link confirmRate}). By the clock only, and not after an interrupt.
 */
export async function planPromised(
  cluster: Cluster,
  options: PlanOptions,
  ports: GoodputPorts,
  planAll: Plan,
): Promise<PlanOutcome> {
  const { limits, iterationLimit, baseline, signal, seed = 1 } = options;
  if (limits === undefined || !limitsLatency(limits) || iterationLimit !== undefined)
    return planAll(cluster, options, ports);
  if (baseline !== undefined) return planAll(cluster, options, ports);
  const { limit, elapsed, within } = startClock(options, ports);
  const search = within((1 - CONFIRM_SHARE) * limit);
  const outcome = await planAll(cluster, { ...options, ...search }, ports);
  if (outcome.kind !== "planned" || signal?.aborted === true) return outcome;
  const { file, placement } = outcome;
  const { served, engineSettings, partialInference = true } = file;
  if (served === undefined || served.at === "saturation") return outcome;
  const batchTokens = options.batchTokens ?? engineSettings?.batchTokens;
  const asked = batchTokens === undefined ? options : { ...options, batchTokens };
  const under = clusterUnder(outcome.cluster, asked);
  const constraints = constraintsOf(under.cluster, file);
  const { batching } = options;
  const runs = runAtRates(
    placement,
    {
      problem: { cluster: under.cluster, partialInference, constraints },
      options: { ...under.chosen.asked, ...(batching === undefined ? {} : { batching }) },
    },
    ports,
  );
  const until = Math.max(limit, elapsed() + Math.min(LATE_SHARE * limit, MOST_LATE_SECONDS));
  const confirmed = await confirmRate(runs, {
    limits,
    from: served.at.rate,
    wanted: options.wantedRate,
    seed,
    // An interrupt ends the runs with the one under way.
    secondsLeft: () => (signal?.aborted === true ? 0 : until - elapsed()),
  });
  const { minThroughput = 0 } = limits;
  const { result } = confirmed.report;
  if (!confirmed.kept || result.decodeTokensPerSecond < minThroughput)
    return { kind: "limits-missed", nearest: result, placement, at: confirmed.tokensPerSecond };
  const { bound = Infinity, engineStep, stepsUntried } = served;
  const own = describePromise(confirmed, { bound, share: runs.decodeShare });
  const said = { ...own, ...(engineStep && { engineStep }), ...(stepsUntried && { stepsUntried }) };
  const solve = { ...file.solve, seconds: elapsed() };
  return { ...outcome, file: { ...file, solve, served: said } };
}

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
/** For all runs after an interrupt. */
const INTERRUPTED_SECONDS = 2;

type Plan = (cluster: Cluster, options: PlanOptions, ports: GoodputPorts) => Promise<PlanOutcome>;

/**
 * Plans, and runs what is promised within limits on latency once more, with the time that is kept for it: the best of many promises is likely
 * one that chance was kind to ({@link confirmRate}). Where steps are counted only after an interrupt, which leaves a moment for it.
 */
export async function planPromised(
  cluster: Cluster,
  options: PlanOptions,
  ports: GoodputPorts,
  planAll: Plan,
): Promise<PlanOutcome> {
  const { limits, iterationLimit, baseline, signal, wantedRate, seed = 1 } = options;
  if (limits === undefined || !limitsLatency(limits) || baseline !== undefined)
    return planAll(cluster, options, ports);
  const { limit, elapsed, within } = startClock(options, ports);
  const timed = iterationLimit === undefined;
  const search = timed ? within((1 - CONFIRM_SHARE) * limit) : {};
  const outcome = await planAll(cluster, { ...options, ...search }, ports);
  const interrupted = signal?.aborted === true;
  if (outcome.kind !== "planned" || !(timed || interrupted)) return outcome;
  // A purchase runs what it is asked for itself, and has a moment of its own for that.
  if (interrupted && wantedRate !== undefined) return outcome;
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
  const late = Math.max(limit, elapsed() + Math.min(LATE_SHARE * limit, MOST_LATE_SECONDS));
  const until = interrupted ? Math.min(late, elapsed() + INTERRUPTED_SECONDS) : late;
  const confirmed = await confirmRate(runs, {
    limits,
    from: served.at.rate,
    wanted: wantedRate,
    seed,
    mayGiveUp: interrupted,
    // An interrupt that comes now ends the runs with the one under way.
    secondsLeft: () => ((signal?.aborted ?? false) === interrupted ? until - elapsed() : 0),
  });
  if (confirmed.gaveUp === true) return outcome;
  const { minThroughput = 0 } = limits;
  const { result } = confirmed.report;
  if (!confirmed.kept || result.decodeTokensPerSecond < minThroughput)
    return { kind: "limits-missed", nearest: result, placement, at: confirmed.tokensPerSecond };
  const { bound = Infinity, engineStep, stepsUntried } = served;
  const own = describePromise(confirmed, { bound, share: runs.decodeShare, interrupted });
  const said = { ...own, ...(engineStep && { engineStep }), ...(stepsUntried && { stepsUntried }) };
  const solve = { ...file.solve, seconds: elapsed() };
  return { ...outcome, file: { ...file, solve, served: said } };
}

import type { Placement } from "../../core/placement.js";
import { meanRequest } from "../../model/choose-lengths.js";
import { measureThroughput } from "../../planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { boundBoth, decodeShare } from "../served/bound-served.js";
import type { ServiceLimits } from "../served/limits.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { promiseBest, raceRates, type RacedRate, type RateTrials } from "../served/race-rates.js";
import { createRateRuns, type RunLength } from "../served/rate-runs.js";
import type { PlanOutcome } from "./plan.js";
import { listByHand, listWithoutChains } from "./rate-candidates.js";
import { describePromise } from "./describe-promise.js";
import { findStarts, overAfter, type Given, type Start, type Started } from "./rate-starts.js";
import type { Aimed } from "./search-for.js";

/** Share of the time after which the race at rates ends: the last runs are to come. */
const RACE_SHARE = 0.72;
/** Of the race, by who forms batches: trials that are no longer than they need be. */
const CHAIN_RUN: RunLength = { tokens: 6e5, leastSeconds: 40 };
const NODE_RUN: RunLength = { tokens: 3e5, leastSeconds: 40 };
/** The last runs: as long as `simulate --rate` has them, where there is time for so many. */
const FINALISTS = 2;
const LAST_RUNS = 12;
const LAST_TOKENS = 1.2e7;
/** Seconds for all of them after an interrupt. */
const INTERRUPTED_SECONDS = 3;
/** They may be slower than the race was. */
const SAFE = 0.8;
/** Of what a run makes that falls behind: at a rate of that much it may keep up. */
const RECOVERS = 0.8;
/** Without a clock. */
const LAST_TOKENS_WITHOUT_CLOCK = 6e5;

/**
 * Plans for the highest rate of random arrivals at which limits on latency hold: limits are judged at that rate, not at
 * full load, where requests wait for as long as there are more of them. The chains that serve most within the limits
 * ({@link findStarts}), the warm start, the quickest pipeline for one user, what anybody would make by hand, and the best of
 * them without some of its chains stand on trial in the simulator, each at rates of its own. What is promised holds with
 * fresh seeds, and its figures are those of a run at just that rate, as long as there is time for.
 */
export async function planAtRate(
  problem: PlanningProblem,
  limits: ServiceLimits,
  given: Given,
  ports: GoodputPorts,
): Promise<Aimed | Extract<PlanOutcome, { kind: "limits-missed" }>> {
  const { shared, chosen } = given;
  const { seed } = shared;
  const started = ports.now();
  const spent = (): number => (ports.now() - started) / shared.timeLimitSeconds;
  const over = overAfter(shared, ports);
  const { found: first, starts, cut } = await findStarts(problem, given, ports);
  const { minThroughput = 0, ...latencies } = limits;
  const { batching } = given.options;
  const rules = {
    problem,
    options: { ...chosen.asked, ...(batching === undefined ? {} : { batching }) },
    breathe: () => ports.breathe(),
    now: () => ports.now(),
  };
  let late = false;
  const isOver = (): boolean => (late = over(RACE_SHARE) || late);
  const chains = chosen.engine.batching.kind === "chain";
  const short = createRateRuns({ ...rules, isOver }, () => (chains ? CHAIN_RUN : NODE_RUN));
  const { promptTokens, outputTokens } = meanRequest(problem.cluster.workload);
  const trials = {
    limits: latencies,
    run: short.run,
    seed,
    tokensPerRequest: promptTokens + outputTokens,
    wanted: given.options.wantedRate,
  };
  const bound = boundBoth(problem, chosen.engine, first.upperBound);
  const tell = ({ report }: RacedRate): void => {
    const served = report.result.decodeTokensPerSecond;
    shared.onProgress?.({
      seconds: ports.now() - started,
      strategy: "the highest rate of arrivals within the limits",
      event: "served",
      served,
      throughput: undefined,
      upperBound: bound,
      gap: (bound - served) / bound,
    });
  };
  const { best, won } = await raceAll(problem, given, starts, { ...trials, isOver, tell });
  // Out of time before anything kept the limits: a rate that the last run says may hold, while there is time.
  const unkept = won.length === 0 ? best : undefined;
  const finalists =
    best === undefined
      ? listLikely(problem, starts)
      : unkept === undefined || !late
        ? won.slice(-FINALISTS)
        : [{ ...unkept, tokensPerSecond: RECOVERS * rateMade(unkept.report.result) }];
  const left = Math.max(1 - RACE_SHARE, 1 - spent()) * shared.timeLimitSeconds;
  const seconds = shared.signal?.aborted === true ? Math.min(left, INTERRUPTED_SECONDS) : left;
  const length = lastLength(shared, short.speed(), seconds);
  const known = best?.report;
  const isDone = (): boolean => unkept !== undefined && over(1);
  const last = createRateRuns({ ...rules, isOver: isDone, known }, () => length);
  const settled = await promiseBest(finalists, { ...trials, run: last.run });
  const decodes = settled?.report.result.decodeTokensPerSecond ?? 0;
  const nearest = settled ?? best;
  // Where no request was answered there are no latencies that could be near the limits.
  if (nearest === undefined || nearest.report.result.requests.finished === 0)
    return { kind: "aimed", found: ended(), placement: undefined };
  if (settled === undefined || decodes < minThroughput)
    return missed(nearest, late && unkept !== undefined, trials.tokensPerRequest);
  const { placement } = settled;
  return {
    kind: "aimed",
    found: ended(),
    placement,
    served: describePromise(settled, { bound, share: decodeShare(problem.cluster) }),
  };

  /** What ended the search for flow says nothing of rates and placements that there was no time for. */
  function ended(): Started["found"] {
    if (shared.signal?.aborted === true) return { ...first, termination: "interrupted" };
    return cut || late ? { ...first, termination: "time-limit" } : first;
  }
}

/** Without time for any race, the first start at the rate at which it is thought to keep the limits. */
function listLikely(
  problem: PlanningProblem,
  starts: readonly Start[],
): readonly Omit<RacedRate, "report">[] {
  return starts.slice(0, 1).flatMap(({ placement, likely }) => {
    if (placement === undefined || likely === undefined) return [];
    const most = measureThroughput(problem, placement);
    const tokensPerSecond = Math.min(likely, most);
    return tokensPerSecond > 0 ? [{ placement, most, tokensPerSecond }] : [];
  });
}

/** Everything that stands on trial; the best, and those that were the best in their turn. */
async function raceAll(
  problem: PlanningProblem,
  { shared, chosen }: Given,
  starts: readonly Start[],
  {
    isOver,
    tell,
    ...trials
  }: RateTrials & {
    readonly isOver: () => boolean;
    readonly tell: (best: RacedRate) => void;
  },
): Promise<{ readonly best: RacedRate | undefined; readonly won: readonly RacedRate[] }> {
  let best: RacedRate | undefined;
  const won: RacedRate[] = [];
  const seen = new Set<string>();
  const enter = async ({ placement, likely }: Start): Promise<boolean> => {
    const key = JSON.stringify(placement);
    if (placement === undefined || seen.has(key) || isOver()) return false;
    seen.add(key);
    const before = best;
    const most = measureThroughput(problem, placement);
    if (most > 0) best = await raceRates(best, { placement, most, likely }, trials);
    if (best !== undefined && best.tokensPerSecond > (before?.tokensPerSecond ?? 0)) {
      won.push(best);
      tell(best);
    }
    return best !== before;
  };
  for (const start of starts) await enter(start);
  for (const placement of listByHand(problem, chosen, shared.seed, isOver))
    await enter({ placement });
  for (let from = best?.placement; from !== undefined;) {
    let better: Placement | undefined;
    for (const placement of listWithoutChains(problem, from)) {
      if (!(await enter({ placement }))) continue;
      better = placement;
      break;
    }
    from = better;
  }
  return { best, won };
}

/** As many tokens as can be simulated so many times in so many seconds, by the speed so far. */
function lastLength(
  { iterationLimit }: Given["shared"],
  speed: number | undefined,
  left: number,
): RunLength {
  const seconds = (SAFE * left) / LAST_RUNS;
  const tokens =
    iterationLimit !== undefined || speed === undefined
      ? LAST_TOKENS_WITHOUT_CLOCK
      : Math.min(LAST_TOKENS, speed * seconds);
  return { tokens, leastSeconds: CHAIN_RUN.leastSeconds };
}

/** @param outOfTime lower rates than the last were not tried. */
function missed(
  { placement, tokensPerSecond, report }: RacedRate,
  outOfTime: boolean,
  tokensPerRequest: number,
): Extract<PlanOutcome, { kind: "limits-missed" }> {
  const nearest = report.result;
  if (outOfTime) {
    const { requests, window } = nearest;
    const at = (requests.arrived * tokensPerRequest) / window.endSeconds;
    return { kind: "limits-missed", nearest, placement, at, outOfTime };
  }
  const at = tokensPerSecond === 0 ? "light load" : tokensPerSecond;
  return { kind: "limits-missed", nearest, placement, at };
}

/** Prompt and output tokens/s. */
function rateMade(run: RacedRate["report"]["result"]): number {
  return run.decodeTokensPerSecond + run.promptTokensPerSecond;
}

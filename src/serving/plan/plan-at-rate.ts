import { chooseLengths } from "../../model/choose-lengths.js";
import { nodeBatching } from "../../engines/node-batching.js";
import type { Placement } from "../../core/placement.js";
import { search, type SearchResult } from "../../planner/portfolio/search.js";
import { chooseSchedule } from "../../planner/portfolio/strategies.js";
import { measureThroughput } from "../../planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { boundBoth } from "../served/bound-served.js";
import { createChainSearch } from "../served/chains/plan-chains.js";
import type { ServiceLimits } from "../served/limits.js";
import { searchGoodput, type GoodputPorts, type GoodputResult } from "../served/plan-goodput.js";
import { promiseBest, raceRates, type RacedRate, type RateTrials } from "../served/race-rates.js";
import { createRateRuns, type RunLength } from "../served/rate-runs.js";
import { figuresOfRun } from "../served/chains/chains-served.js";
import { describeServed } from "./judge-served.js";
import type { PlanOutcome } from "./plan.js";
import { findQuickest, listByHand, listWithoutChains } from "./rate-candidates.js";
import type { Aim, Aimed } from "./search-for.js";

/** Shares of the time after which the flow, the search at full load, and the race at rates end: the last runs are to come. */
const FLOW_SHARE = 0.12;
const SEARCH_SHARE = 0.4;
const RACE_SHARE = 0.72;
/** Of the race, by who forms batches: trials that are no longer than they need be. */
const CHAIN_RUN: RunLength = { tokens: 6e5, leastSeconds: 40 };
const NODE_RUN: RunLength = { tokens: 3e5, leastSeconds: 40 };
/** The last runs: as long as `simulate --rate` has them, where there is time for so many. */
const FINALISTS = 2;
const LAST_RUNS = 12;
const LAST_TOKENS = 1.2e7;
/** They may be slower than the race was. */
const SAFE = 0.8;
/** Without a clock. */
const LAST_TOKENS_WITHOUT_CLOCK = 6e5;
const MOVES_PER_STEP = 10;
const PATIENCE = 100;
const FLOW_STEPS = 8;

type Given = Pick<Aim, "shared" | "options" | "chosen">;

/** What a search at full load leaves: a bound on the flow, and placements to put on trial. */
interface Started {
  readonly found: SearchResult | GoodputResult;
  readonly starts: readonly (Placement | undefined)[];
  /** There was no time for all of the search at full load. */
  readonly cut: boolean;
}

/**
 * Plans for the highest rate of random arrivals at which limits on latency hold: limits are judged at that rate, not at
 * full load, where requests wait for as long as there are more of them. The warm start, what serves most at full load,
 * the quickest pipeline for one user, what anybody would make by hand, and the best of them without some of its
 * chains stand on trial in the simulator, each at rates of its own. What is promised holds with fresh seeds, and
 * its figures are those of a run at just that rate.
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
  const { found: first, starts, cut } = await startAtFullLoad(problem, given, ports);
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
  const short = createRateRuns({ ...rules, isOver }, chains ? CHAIN_RUN : NODE_RUN);
  const trials = { limits: latencies, run: short.run, seed };
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
  if (best === undefined) return { kind: "aimed", found: ended(), placement: undefined };
  const length = lastLength(shared, short.speed(), 1 - spent());
  const last = createRateRuns({ ...rules, isOver: () => false }, length);
  const promised = await promiseBest(won.slice(-FINALISTS), { ...trials, run: last.run });
  const decodes = promised?.report.result.decodeTokensPerSecond ?? 0;
  if (promised === undefined || decodes < minThroughput) return missed(promised ?? best);
  const { placement } = promised;
  return { kind: "aimed", found: ended(), placement, served: describePromise(promised, bound) };

  /** What ended the search for flow says nothing of rates and placements that there was no time for. */
  function ended(): Started["found"] {
    if (shared.signal?.aborted === true) return { ...first, termination: "interrupted" };
    return cut || late ? { ...first, termination: "time-limit" } : first;
  }
}

/** Everything that stands on trial; the best, and those that were the best in their turn. */
async function raceAll(
  problem: PlanningProblem,
  { shared, chosen }: Given,
  starts: Started["starts"],
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
  const enter = async (placement: Placement | undefined): Promise<boolean> => {
    const key = JSON.stringify(placement);
    if (placement === undefined || seen.has(key) || isOver()) return false;
    seen.add(key);
    const before = best;
    const most = measureThroughput(problem, placement);
    if (most > 0) best = await raceRates(best, { placement, most }, trials);
    if (best !== undefined && best.tokensPerSecond > (before?.tokensPerSecond ?? 0)) {
      won.push(best);
      tell(best);
    }
    return best !== before;
  };
  for (const start of starts) await enter(start);
  for (const made of listByHand(problem, chosen, shared.seed, isOver)) await enter(made);
  for (let from = best?.placement; from !== undefined;) {
    let better: Placement | undefined;
    for (const fewer of listWithoutChains(problem, from)) {
      if (!(await enter(fewer))) continue;
      better = fewer;
      break;
    }
    from = better;
  }
  return { best, won };
}

/** As many tokens as there is time to simulate so many times, by the speed so far. */
function lastLength(
  { timeLimitSeconds, iterationLimit }: Given["shared"],
  speed: number | undefined,
  left: number,
): RunLength {
  const seconds = (SAFE * Math.max(1 - RACE_SHARE, left) * timeLimitSeconds) / LAST_RUNS;
  const tokens =
    iterationLimit !== undefined || speed === undefined
      ? LAST_TOKENS_WITHOUT_CLOCK
      : Math.min(LAST_TOKENS, speed * seconds);
  return { tokens, leastSeconds: CHAIN_RUN.leastSeconds };
}

function describePromise({ report, tokensPerSecond }: RacedRate, bound: number) {
  const { timeToFirstToken: ttft, timePerOutputToken: tpot } = report.result;
  return describeServed(figuresOfRun(report.result), bound, {
    rate: tokensPerSecond,
    p95: { timeToFirstToken: ttft.p95, timePerOutputToken: tpot.p95 },
  });
}

function missed({
  placement,
  tokensPerSecond,
  report,
}: RacedRate): Extract<PlanOutcome, { kind: "limits-missed" }> {
  const at = tokensPerSecond === 0 ? "light load" : tokensPerSecond;
  return { kind: "limits-missed", nearest: report.result, placement, at };
}

/** Whether a share of the time is over, or an interrupt came. */
function overAfter({ timeLimitSeconds, signal }: Given["shared"], ports: GoodputPorts) {
  const started = ports.now();
  return (share: number): boolean =>
    signal?.aborted === true || ports.now() - started > share * timeLimitSeconds;
}

/** What serves most at full load, by the search for the engine, and the bound on the flow. */
async function startAtFullLoad(
  problem: PlanningProblem,
  { shared, options, chosen }: Given,
  ports: GoodputPorts,
): Promise<Started> {
  const { engine } = chosen;
  const { timeLimitSeconds, iterationLimit, seed, warmStart } = shared;
  const quickest = findQuickest(problem, chosen);
  if (engine.batching.kind !== "chain") {
    const found = await searchGoodput(
      problem,
      {
        ...shared,
        timeLimitSeconds: SEARCH_SHARE * timeLimitSeconds,
        limits: options.limits ?? { statistic: "mean" },
        batching: nodeBatching(engine, options.batching),
        engine: chosen.asked,
        starts: quickest === undefined ? [] : [quickest],
        objective: "goodput",
      },
      ports,
    );
    return {
      found,
      cut: found.termination === "time-limit",
      starts: [warmStart, found.judged?.placement, found.unjudged?.placement, quickest],
    };
  }
  const over = overAfter(shared, ports);
  let cut = false;
  const outOfTime = (): boolean => (cut = over(SEARCH_SHARE) || cut);
  const found = await search(
    problem,
    {
      ...shared,
      schedule: chooseSchedule(problem, "portfolio"),
      timeLimitSeconds: FLOW_SHARE * timeLimitSeconds,
      iterationLimit:
        iterationLimit === undefined ? undefined : Math.min(FLOW_STEPS, iterationLimit),
    },
    ports,
  );
  const chains = createChainSearch(problem, engine, chooseLengths(problem.cluster.workload), {
    seed,
    moves: iterationLimit === undefined ? Infinity : MOVES_PER_STEP * iterationLimit,
    patience: PATIENCE,
    outOfTime,
    breathe: () => ports.breathe(),
  });
  await chains.judgeObvious();
  await chains.improve();
  return {
    found,
    cut,
    starts: [warmStart, chains.best()?.placement, quickest, found.incumbent?.placement],
  };
}

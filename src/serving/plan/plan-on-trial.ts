import type { ChosenEngine } from "../../engines/choose-engine.js";
import { nodeBatching } from "../../engines/node-batching.js";
import { chooseLengths } from "../../model/choose-lengths.js";
import { windowOfRun } from "../served/chains/trial-window.js";
import type { Placement } from "../../core/placement.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { boundBoth, decodeShare } from "../served/bound-served.js";
import { movesFor } from "../served/chains/chain-moves.js";
import { createChainSearch, readChains, type ChainsPlan } from "../served/chains/plan-chains.js";
import { describeEstimate, describeUnjudged } from "../served/describe-judged.js";
import type { ScoredPlacement } from "../served/refine.js";
import { measureThroughput } from "../../planner/problem/measure-throughput.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { searchGoodput } from "../served/plan-goodput.js";
import {
  serveChains,
  tokensLeft,
  type LastServed,
  type TimeLeft,
} from "../served/chains/serve-chains.js";
import { figuresOfRun } from "../served/chains/chains-served.js";
import { runSettled } from "../served/chains/settled-run.js";
import type { JudgedPlacement } from "../served/goodput-trials.js";
import type { SimulationResult } from "../simulate/result.js";
import type { PlanOutcome } from "./plan.js";
import { describeServed, FRESH_SEED } from "./judge-served.js";
import type { Aim, Aimed } from "./search-for.js";

/** Share of the time in which what somebody would make by hand is put on trial. */
const CHAINS_SHARE = { goodput: 0.12, served: 0.3 } as const;
/** Share of the time after which what is served is not searched any more: the last runs are to come. */
const SEARCH_SHARE = 0.8;
/** Those runs, in times that a request stays, and in decode tokens: per second of the time limit, and without time. */
const LAST_RUN = {
  windowStays: 3,
  mostWarmupSeconds: 400,
  mostWindowSeconds: 1500,
  warmupStays: 0.7,
};
/** A run makes no more than so many times the tokens that it should, whatever its trial has shown. */
const MOST_TIMES = 2;
/** Each of the two has this share of the time left. */
const LAST_SHARE = 0.5;
const LAST_TOKENS = { perSecond: 1.5e5, least: 3e6, most: 6e6, hurried: 1.2e6 };
/** Trials of chains per step of an iteration limit, once some chain serves. */
const TRIALS_PER_STEP = 4;
/** A trial may end so much later than the time for trials. */
const MOST_OVER = 1.2;

/**
 * Plans by many placements on trial in the simulator: within limits, and where nodes form batches of their own. What
 * anybody would make by hand is among them, as it is: pipelines that share no node serve the sum of what
 * each serves.
 */
export async function planOnTrial(
  objective: "goodput" | "served",
  problem: PlanningProblem,
  { shared, options, chosen, memory }: Omit<Aim, "known">,
  ports: GoodputPorts,
): Promise<Aimed | Extract<PlanOutcome, { kind: "limits-missed" }>> {
  const { engine } = chosen;
  const { limits = { statistic: "mean" } } = options;
  const batching = nodeBatching(engine, options.batching);
  const started = ports.now();
  const { byHand, time } = await findByHand(objective, problem, { shared, chosen, memory }, ports);
  const found = await searchGoodput(
    problem,
    {
      ...shared,
      timeLimitSeconds: Math.max(
        0,
        (objective === "served" ? SEARCH_SHARE : 1) * shared.timeLimitSeconds -
          (ports.now() - started),
      ),
      limits,
      batching,
      engine: chosen.asked,
      starts: byHand === undefined ? [] : [byHand.placement],
      objective,
    },
    ports,
  );
  const { judged, unjudged } = found;
  if (judged !== undefined && found.oversteps > 0)
    return {
      kind: "limits-missed",
      nearest: judged.report.result,
      placement: judged.placement,
      at: "full load",
    };
  const ended = judged !== undefined;
  // Cut short before any trial of the search has ended: a short run tells more than the model, which sees no waiting.
  const late = !ended && objective === "served" && shared.signal?.aborted !== true;
  const searched = ended
    ? ofTrial(judged)
    : late && byHand === undefined && unjudged !== undefined
      ? ofModel(problem, unjudged)
      : undefined;
  if (objective === "served" && (ended || (late && (searched ?? byHand) !== undefined))) {
    const bound = boundBoth(problem, engine, found.upperBound);
    const { perSecond, least, most, hurried } = LAST_TOKENS;
    const { placement, served } = decide(problem, { searched, byHand }, chosen, {
      seed: shared.seed + FRESH_SEED,
      mostTokens: () =>
        Math.min(
          most,
          Math.max(least, perSecond * shared.timeLimitSeconds),
          late ? hurried : Math.max(hurried, LAST_SHARE * tokensLeft(time)),
        ),
    });
    return { kind: "aimed", found, placement, served: describeServed(served, bound) };
  }
  const estimate =
    judged === undefined ? unjudged && describeUnjudged(unjudged) : describeEstimate(judged);
  return { kind: "aimed", found, placement: judged?.placement ?? unjudged?.placement, estimate };
}

/** Trials are short, so less than so large a share of the other's figure is behind it for certain. */
const BEHIND = 0.75;

type Decodes = Pick<SimulationResult, "decodeTokensPerSecond">;

function behind(one: Decodes, other: Decodes): boolean {
  return one.decodeTokensPerSecond < BEHIND * other.decodeTokensPerSecond;
}

/** What the search found, and what is known of it before its own run. */
interface Searched {
  readonly placement: Placement;
  readonly flow: number;
  readonly known: Decodes & Pick<SimulationResult, "meanInFlight">;
  /** Whether that says what is served. */
  readonly told: boolean;
}

/** A trial that begins full decodes first: cut short, it has shown that and not the prompts, three times what is served. */
function ofTrial({ placement, report }: JudgedPlacement): Searched {
  const { flow, result } = report;
  return { placement, flow, known: result, told: result.cutShort !== true };
}

function ofModel(problem: PlanningProblem, { placement, estimate }: ScoredPlacement): Searched {
  const { decodeTokensPerSecond, concurrency: meanInFlight } = estimate;
  const known = { decodeTokensPerSecond, meanInFlight };
  return { placement, flow: measureThroughput(problem, placement), known, told: false };
}

interface TwoWays {
  readonly searched: Searched | undefined;
  readonly byHand: ChainsPlan | undefined;
}

/** What was found in two ways, each in a run of its own that is long enough for it; the better one. */
function decide(
  problem: PlanningProblem,
  { searched: other, byHand }: TwoWays,
  { engine, asked }: ChosenEngine,
  { seed, mostTokens }: { readonly seed: number; readonly mostTokens: () => number },
): { readonly placement: Placement; readonly served: LastServed } {
  const { cluster, partialInference } = problem;
  const run = ({ placement, flow, known }: Searched) => {
    const tokens = mostTokens();
    const window = windowOfRun(cluster, known, { ...LAST_RUN, mostTokens: tokens });
    // A trial that was cut short may have shown nothing yet, and says nothing of how long requests stay.
    const seconds = (MOST_TIMES * tokens) / (decodeShare(cluster) * flow);
    const share = Math.min(1, seconds / (window.warmupSeconds + window.durationSeconds));
    const options = {
      ...asked,
      partialInference,
      seed,
      begins: "full" as const,
      warmupSeconds: share * window.warmupSeconds,
      durationSeconds: share * window.durationSeconds,
    };
    return { placement, served: figuresOfRun(runSettled(cluster, placement, options).result) };
  };
  if (byHand === undefined || (other?.told === true && behind(byHand, other.known)))
    return run(other!);
  const { placement } = byHand;
  const chains = readChains(problem, placement) ?? byHand.chains;
  const last = { asked, seed, size: LAST_RUN, mostTokens: mostTokens() };
  const made = { placement, served: serveChains(problem, placement, chains, engine, last) };
  if (other === undefined || behind(other.known, byHand)) return made;
  const searched = run(other);
  return made.served.decodeTokensPerSecond >= searched.served.decodeTokensPerSecond
    ? made
    : searched;
}

interface ByHand {
  readonly byHand: ChainsPlan | undefined;
  /** How long runs may be, by what the trials took. */
  readonly time: TimeLeft | undefined;
}

/** The best of what somebody would make by hand, by trials of single pipelines. */
async function findByHand(
  objective: "goodput" | "served",
  problem: PlanningProblem,
  { shared, chosen, memory }: Pick<Aim, "shared" | "chosen" | "memory">,
  ports: GoodputPorts,
): Promise<ByHand> {
  const started = ports.now();
  const { iterationLimit, signal, timeLimitSeconds, seed, warmStart } = shared;
  const most = CHAINS_SHARE[objective] * timeLimitSeconds;
  const elapsed = (): number => ports.now() - started;
  const chains = createChainSearch(
    problem,
    chosen.engine,
    chooseLengths(problem.cluster.workload),
    {
      seed,
      memory,
      ...movesFor(chosen.engine, iterationLimit),
      ...(objective === "goodput" ? { moves: 0 } : {}),
      secondsLeft: () => MOST_OVER * most - elapsed(),
      ...(iterationLimit === undefined ? {} : { trials: TRIALS_PER_STEP * iterationLimit }),
      outOfTime: () => signal?.aborted === true || elapsed() > most,
      now: () => ports.now(),
      breathe: () => ports.breathe(),
    },
  );
  if (warmStart !== undefined) await chains.judge("warm start", warmStart);
  await chains.judgeObvious();
  await chains.improve();
  return { byHand: chains.best(), time: chains.timeUntil(started + timeLimitSeconds) };
}

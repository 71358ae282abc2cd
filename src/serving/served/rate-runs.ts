import type { Placement } from "../../core/placement.js";
import type { Cluster } from "../../core/cluster.js";
import { meanRequest } from "../../model/choose-lengths.js";
import { decodeShare } from "./bound-served.js";
import type { TrialWindow } from "./chains/trial-window.js";
import type { RateTrials } from "./race-rates.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import {
  simulatePlacement,
  type SimulateOptions,
  type SimulationReport,
} from "../simulate/simulate-placement.js";

/** How long a run of arrivals is. */
export interface RunLength {
  /** Decode tokens that it is to make. */
  readonly tokens: number;
  /** The window has so many seconds at least. */
  readonly leastSeconds: number;
}

/** What runs need beside the placement. */
interface RunRules {
  readonly problem: PlanningProblem;
  readonly options: SimulateOptions;
  /** Asked before every run. */
  readonly isOver: () => boolean;
  readonly breathe: () => Promise<void>;
  readonly now: () => number;
  /** A run of the placement before, which says how long requests stay. */
  readonly known?: SimulationReport | undefined;
}

/** Runs at a rate of arrivals, and how fast they have been. */
export interface RateRuns {
  readonly run: RateTrials["run"];
  /** Decode tokens simulated per second of wall clock so far; undefined before the first run. */
  readonly speed: () => number | undefined;
}

/** The window that `simulate --rate` has: no run needs more. */
const MOST_SECONDS = 1500;
const MOST_WARMUP = 300;
const WARMUP_SHARE = 0.2;
/** Until the first requests have gone. */
const LEAST_WARMUP = 15;

/** Stays of a request after which about as many are under way as will be, and the share of a run that this may take. */
const WARM_STAYS = 3;
const MOST_WARMUP_SHARE = 0.6;

/**
 * The window of a run at a rate of arrivals, in which so many decode tokens/s are made. Where requests stay for long, more of the same
 * run is warm-up: it begins empty, and until the first have gone less is decoded than arrives.
 */
export function windowOfArrivals(
  { tokens, leastSeconds }: RunLength,
  decodeTokensPerSecond: number,
  staySeconds = 0,
): TrialWindow {
  const wanted = tokens / decodeTokensPerSecond;
  const longest = Math.min(MOST_SECONDS, Math.max(leastSeconds, wanted));
  const usual = Math.min(MOST_WARMUP, Math.max(LEAST_WARMUP, WARMUP_SHARE * longest));
  const all = usual + longest;
  const wait = Math.min(MOST_WARMUP, WARM_STAYS * staySeconds, MOST_WARMUP_SHARE * all);
  const warmupSeconds = Math.max(usual, wait);
  return { warmupSeconds, durationSeconds: all - warmupSeconds };
}

/** How long a request is under way on average. */
function stayOf(cluster: Cluster, { timeToFirstToken, timePerOutputToken }: Latencies): number {
  const { outputTokens } = meanRequest(cluster.workload);
  const seconds = timeToFirstToken.mean + outputTokens * timePerOutputToken.mean;
  return Number.isFinite(seconds) ? seconds : 0;
}

type Latencies = Pick<SimulationReport["result"], "timeToFirstToken" | "timePerOutputToken">;

/** Runs in the calling thread, as `simulate --rate` runs the placement, in a window no longer than asked. */
export function createRateRuns(
  { problem, options, isOver, breathe, now, known }: RunRules,
  lengthNow: () => RunLength,
): RateRuns {
  const { cluster, partialInference, constraints } = problem;
  let [tokens, seconds] = [0, 0];
  let stay = known === undefined ? 0 : stayOf(cluster, known.result);
  return {
    async run(placement: Placement, tokensPerSecond: number, seed: number) {
      await breathe();
      if (isOver()) return undefined;
      const window = windowOfArrivals(lengthNow(), decodeShare(cluster) * tokensPerSecond, stay);
      const begun = now();
      const report = simulatePlacement(cluster, placement, {
        ...options,
        partialInference,
        constraints,
        seed,
        tokensPerSecond,
        ...window,
      });
      seconds += now() - begun;
      stay = stayOf(cluster, report.result);
      const simulated = window.warmupSeconds + window.durationSeconds;
      tokens += report.result.decodeTokensPerSecond * simulated;
      return report;
    },
    speed: () => (seconds > 0 ? tokens / seconds : undefined),
  };
}

import type { Placement } from "../../core/placement.js";
import { decodeShare } from "./bound-served.js";
import type { TrialWindow } from "./chains/trial-window.js";
import type { RateTrials } from "./race-rates.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { simulatePlacement, type SimulateOptions } from "../simulate/simulate-placement.js";

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

/** The window of a run at a rate of arrivals, in which so many decode tokens/s are made. */
export function windowOfArrivals(
  { tokens, leastSeconds }: RunLength,
  decodeTokensPerSecond: number,
): TrialWindow {
  const wanted = tokens / decodeTokensPerSecond;
  const durationSeconds = Math.min(MOST_SECONDS, Math.max(leastSeconds, wanted));
  const warmup = Math.max(LEAST_WARMUP, WARMUP_SHARE * durationSeconds);
  return { warmupSeconds: Math.min(MOST_WARMUP, warmup), durationSeconds };
}

/** Runs in the calling thread, as `simulate --rate` runs the placement, in a window no longer than asked. */
export function createRateRuns(
  { problem, options, isOver, breathe, now }: RunRules,
  length: RunLength,
): RateRuns {
  const { cluster, partialInference, constraints } = problem;
  let [tokens, seconds] = [0, 0];
  return {
    async run(placement: Placement, tokensPerSecond: number, seed: number) {
      await breathe();
      if (isOver()) return undefined;
      const window = windowOfArrivals(length, decodeShare(cluster) * tokensPerSecond);
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
      const simulated = window.warmupSeconds + window.durationSeconds;
      tokens += report.result.decodeTokensPerSecond * simulated;
      return report;
    },
    speed: () => (seconds > 0 ? tokens / seconds : undefined),
  };
}

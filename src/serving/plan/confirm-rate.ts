import { keepsLimits } from "../served/find-rate.js";
import { standing, type ServiceLimits } from "../served/limits.js";
import { LEAST_PROMISE, STEP_DOWN, type RacedRate } from "../served/race-rates.js";
import type { SimulationReport } from "../simulate/simulate-placement.js";
import { deviationOfArrivals } from "../simulate/arrivals.js";
import type { PlanAtRates } from "./serve-at-rate.js";

/** Seeds that no trial and no promise has seen. */
const SEEDS = [7949, 7951, 7963, 7993, 8009];
/** Each run takes so much of what time is left. */
const PER_RUN = 1 / 3;
/** From so many runs on they say how much chance there is; a step below fewer do. */
const TELLING = 3;
/** Standard deviations of a run that is to come. */
const DEVIATIONS = 2;
/** The window of such a run. */
const USUAL_SECONDS = 1500;
/** A KV cache that was fuller than this may as well have overflowed. */
const NEARLY_FULL = 0.95;
/** Below so much of what is served at full load, those who fell behind catch up again. */
const CATCHES_UP = 0.9;

export interface RateConfirmed {
  readonly limits: ServiceLimits;
  /** Prompt and output tokens/s that are promised so far. */
  readonly from: number;
  /** What is asked for just as it is, and not lowered for chance. */
  readonly wanted?: number | undefined;
  readonly seed: number;
  /** Whether it ends when its time is up though no run has kept the limits. */
  readonly mayGiveUp?: boolean;
  readonly secondsLeft: () => number;
}

interface Confirmed extends Pick<RacedRate, "tokensPerSecond" | "report"> {
  /** False where a tenth of the rate still breaks the limits, and the report is of that. */
  readonly kept: boolean;
  /** No time was left to find out what is kept. */
  readonly gaveUp?: boolean;
}

/**
 * The rate that is promised: so much less than one that a first short run keeps as arrivals differ by chance in all the time that can be simulated,
 * and of such the highest, step by step, at which all runs keep the limits, with seeds that nobody has seen, and a further one is to keep them,
 * too. The figures are those of the longest run at just that rate.
 */
export async function confirmRate(runs: PlanAtRates, asked: RateConfirmed): Promise<Confirmed> {
  const { limits, from, wanted } = asked;
  let full: number | undefined;
  const stands = (report: SimulationReport, rate: number): boolean =>
    keepsLimits(report, limits) &&
    (!isNearlyFull(report) || rate <= CATCHES_UP * (full ??= runs.saturate()));
  const before = asked.secondsLeft();
  let took = 0;
  let reports = await runAt(from, 1);
  took = before - asked.secondsLeft();
  let rate = from;
  if (!stands(reports[0]!, from)) rate *= STEP_DOWN;
  if (from !== wanted) rate *= 1 - deviationOfArrivals(secondsToCome(reports[0]!));
  for (let most = SEEDS.length; ; rate *= STEP_DOWN) {
    reports = await runAt(rate, most);
    const last = reports.at(-1)!;
    if (!stands(last, rate)) {
      const gaveUp = asked.mayGiveUp === true && asked.secondsLeft() < took;
      if (!gaveUp && rate > LEAST_PROMISE * from) continue;
      return { tokensPerSecond: rate, report: last, kept: false, gaveUp };
    }
    if (most < TELLING || rate === wanted || !mightMiss(reports, limits))
      return { tokensPerSecond: rate, report: reports.reduce(longer), kept: true };
    most = TELLING - 1;
  }

  /** Until one breaks the limits, or no time is left for another. */
  async function runAt(rate: number, most: number): Promise<readonly SimulationReport[]> {
    const reports: SimulationReport[] = [];
    for (const fresh of SEEDS.slice(0, most)) {
      const seconds = most === 1 ? 0 : PER_RUN * asked.secondsLeft();
      const report = await runs.run(rate, asked.seed + fresh, seconds);
      reports.push(report);
      if (!stands(report, rate) || asked.secondsLeft() < took) break;
    }
    return reports;
  }

  /** How much time the runs to come simulate, as far as the first one tells. */
  function secondsToCome({ result }: SimulationReport): number {
    const perSecond = secondsOf(result) / Math.max(took, 1e-3);
    const left = Math.max(took, asked.secondsLeft());
    return Math.min(SEEDS.length * USUAL_SECONDS, perSecond * left);
  }
}

/**
 * Whether requests came near losing their KV. Near what is served at full load, and above, that is the end in one run of five: lost KV has to be
 * computed again, which leaves less time for what comes, so that what fell behind never catches up.
 */
function isNearlyFull({ result }: SimulationReport): boolean {
  return result.nodes.some(({ kvPeak }) => kvPeak > NEARLY_FULL);
}

/** Whether a run as long as `simulate --rate` has it may break limits that these have kept, by as much as chance has made them differ. */
function mightMiss(reports: readonly SimulationReport[], limits: ServiceLimits): boolean {
  if (reports.length < TELLING) return false;
  const figures = reports.map(({ result }) => ({
    over: standing(result, limits),
    share: secondsOf(result) / USUAL_SECONDS,
  }));
  const all = figures.reduce((sum, { share }) => sum + share, 0);
  const mean = figures.reduce((sum, { over, share }) => sum + share * over, 0) / all;
  const squares = figures.reduce((sum, { over, share }) => sum + share * (over - mean) ** 2, 0);
  const variance = squares / (figures.length - 1);
  return mean + DEVIATIONS * Math.sqrt(variance * (1 + 1 / all)) > 0;
}

function longer(a: SimulationReport, b: SimulationReport): SimulationReport {
  return secondsOf(b.result) > secondsOf(a.result) ? b : a;
}

function secondsOf({ window }: SimulationReport["result"]): number {
  return window.endSeconds - window.startSeconds;
}

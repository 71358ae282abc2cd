import { queueGrowth } from "../simulate/queue-growth.js";
import type { SimulationReport } from "../simulate/simulate-placement.js";
import { oversteps, type ServiceLimits } from "./limits.js";

/** Runs the placement at a rate of arrivals (prompt and output tokens/s); undefined: as many as it takes. */
export type RunAtRate = (
  tokensPerSecond: number | undefined,
  seed: number,
) => Promise<SimulationReport>;

export interface FoundRate {
  /** Prompt and output tokens/s that arrive; 0 when even a trickle breaks the limits. */
  readonly tokensPerSecond: number;
  /** The next rate tried above it, at which the limits do not hold. */
  readonly tooMuch: number;
  /** A run at that rate that keeps the limits, with a fresh seed. */
  readonly report: SimulationReport;
}

/** The first search, with one seed, ends at this share of the rate; the second, with three, at this one. */
const COARSE = 0.06;
const FINE = 0.01;
const FRESH_SEEDS = [101, 102, 103];
/** Of them, so many must keep the limits: chance alone makes one of three break them at the very rate. */
const ENOUGH = 2;
const TRICKLE = 0.01;

/** Whether a run keeps the limits and its load. Where no request was answered nothing is known of limits. */
export function keepsLimits({ result }: SimulationReport, limits: ServiceLimits): boolean {
  if (result.requests.finished === 0) return false;
  return oversteps(result, limits) === 0 && queueGrowth(result) === 0;
}

/**
 * The goodput of a placement: the highest rate of random arrivals at which the limits hold and no queue
 * grows. Bisection between nothing and what is served at full load, with one seed; then around what was found with
 * three others, of which two must keep the limits. Ends when rates differ by 1 % of themselves: limits may hold at a
 * small part of full load only. About fifteen runs.
 */
export async function findRate(
  run: RunAtRate,
  limits: ServiceLimits,
  seed: number,
): Promise<FoundRate> {
  const saturated = await run(undefined, seed);
  const { decodeTokensPerSecond, promptTokensPerSecond } = saturated.result;
  const full = decodeTokensPerSecond + promptTokensPerSecond;
  if (full === 0) return { tokensPerSecond: 0, tooMuch: 0, report: saturated };
  const least = TRICKLE * full;
  const probe = async (rate: number): Promise<SimulationReport | undefined> => {
    const report = await run(rate, seed);
    return keepsLimits(report, limits) ? report : undefined;
  };
  const poll = async (rate: number): Promise<SimulationReport | undefined> => {
    const kept: SimulationReport[] = [];
    for (const [at, fresh] of FRESH_SEEDS.entries()) {
      const report = await run(rate, seed + fresh);
      if (keepsLimits(report, limits)) kept.push(report);
      const open = FRESH_SEEDS.length - at - 1;
      if (kept.length >= ENOUGH || kept.length + open < ENOUGH) break;
    }
    return kept.length >= ENOUGH ? kept[0] : undefined;
  };
  const coarse = await bisectRates(probe, { low: 0, high: 1.1 * full, least, share: COARSE });
  const fine = await settle(poll, coarse.low, least);
  return {
    tokensPerSecond: fine.kept === undefined ? 0 : fine.low,
    tooMuch: fine.high,
    report: fine.kept ?? (await run(least, seed)),
  };
}

type Trial = (rate: number) => Promise<SimulationReport | undefined>;

/** Rates between which the highest lies that a trial keeps, and what was measured at the lower. */
interface Bracket {
  readonly low: number;
  readonly high: number;
  readonly kept?: SimulationReport | undefined;
}

/** Halves the bracket until its ends differ by no more than a share of the higher. */
export async function bisectRates(
  trial: Trial,
  from: Bracket & { readonly least: number; readonly share: number },
): Promise<Bracket> {
  let { low, high, kept } = from;
  while (high - low > from.share * high && high > from.least) {
    const middle = Math.max(from.least, (low + high) / 2);
    const report = await trial(middle);
    if (report === undefined) high = middle;
    else [low, kept] = [middle, report];
    if (middle === from.least) break;
  }
  return { low, high, kept };
}

/** Widens a bracket around a rate by steps that grow, until a trial keeps its lower end alone; then narrows it. */
async function settle(trial: Trial, around: number, least: number): Promise<Bracket> {
  let low = Math.max(around, least);
  let kept = await trial(low);
  let high = low;
  for (let step = COARSE / 2; kept === undefined; step *= 2) {
    if (low === least) return { low: 0, high };
    high = low;
    low = Math.max(least, low * Math.max(0.5, 1 - step));
    kept = await trial(low);
  }
  for (let step = COARSE / 2; high === low; step *= 2) {
    const report = await trial(low * (1 + step));
    if (report === undefined) high = low * (1 + step);
    else {
      low = high = low * (1 + step);
      kept = report;
    }
  }
  return bisectRates(trial, { low, high, kept, least, share: FINE });
}

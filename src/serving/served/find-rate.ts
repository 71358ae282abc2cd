import { queueGrowth } from "../simulate/queue-growth.js";
import type { SimulationReport } from "../simulate/simulate-placement.js";
import { fitEdge, holdsOnAverage, type RateRun } from "./fit-edge.js";
import { oversteps, standing, type ServiceLimits } from "./limits.js";

/** Runs the placement at a rate of arrivals (prompt and output tokens/s); undefined: as many as it takes. */
export type RunAtRate = (
  tokensPerSecond: number | undefined,
  seed: number,
) => Promise<SimulationReport>;

export interface FoundRate {
  /** Prompt and output tokens/s that arrive; 0 when even a trickle breaks the limits. */
  readonly tokensPerSecond: number;
  /** Half of its 95 % interval; Infinity where none is found. */
  readonly uncertainty: number;
  /** The next rate tried above it, at which the limits do not hold. */
  readonly tooMuch: number;
  /** How many of so many seeds, which the search has not seen, keep the limits at that rate by themselves. */
  readonly kept: number;
  readonly seeds: number;
  /** A run of theirs, one that keeps the limits where any does. */
  readonly report: SimulationReport;
}

/** The first search, with one seed, ends at this share of the rate. */
const COARSE = 0.06;
/** The second, with others, ends when the rate is known to this share of itself, or after so many rounds. */
const FINE = 0.01;
const MOST_ROUNDS = 9;
/** Seeds of a round, counted on from the first. */
const PER_ROUND = 3;
const FRESH_SEED = 101;
/** Rounds lie so far to either side of what is found, in turn. */
const BESIDE = 0.025;
const TRICKLE = 0.01;

type Run = Pick<SimulationReport, "result">;

/** Whether a run keeps the limits and its load. Where no request was answered nothing is known of limits. */
export function keepsLimits(report: Run, limits: ServiceLimits): boolean {
  return missesBy(report, limits) === 0;
}

/** Where nothing is served a share of what arrives has no logarithm. */
const LEAST_SHARE = 1e-3;

/**
 * By how much a run misses limits, and falls behind what arrives in it; 0 where it keeps both. Chance makes that some percent less
 * than was asked for in one run, and more in another, so what is served says nothing beside the rate asked for.
 */
export function missesBy({ result }: Run, limits: ServiceLimits): number {
  const { arrived, finished } = result.requests;
  const behind = (queueGrowth(result) * result.window.endSeconds) / Math.max(1, arrived);
  const served = finished === 0 ? 0 : 1 - behind;
  return oversteps(result, limits) - Math.log(Math.max(LEAST_SHARE, served));
}

/**
 * The goodput of a placement: the highest rate of random arrivals at which no queue grows and the limits hold as often as not.
 * Bisection between nothing and what is served at full load, with one seed; then rounds of fresh seeds around what was found, and a
 * line through their figures over what arrived ({@link fitEdge}). Twenty to forty runs, by how much chance there is.
 * @param tokensPerRequest prompt and output tokens of a mean request
 */
export async function findRate(
  run: RunAtRate,
  limits: ServiceLimits,
  { seed, tokensPerRequest }: { readonly seed: number; readonly tokensPerRequest: number },
): Promise<FoundRate> {
  const saturated = await run(undefined, seed);
  const { decodeTokensPerSecond, promptTokensPerSecond } = saturated.result;
  const full = decodeTokensPerSecond + promptTokensPerSecond;
  const none = { tokensPerSecond: 0, uncertainty: Infinity, kept: 0, seeds: PER_ROUND };
  if (full === 0) return { ...none, tooMuch: 0, report: saturated };
  const least = TRICKLE * full;
  const probe = async (rate: number): Promise<SimulationReport | undefined> => {
    const report = await run(rate, seed);
    return keepsLimits(report, limits) ? report : undefined;
  };
  let next = seed + FRESH_SEED;
  const poll = async (rate: number): Promise<readonly SimulationReport[]> => {
    const reports: SimulationReport[] = [];
    for (let at = 0; at < PER_ROUND; at += 1) reports.push(await run(rate, next++));
    return reports;
  };
  const coarse = await bisectRates(probe, { low: 0, high: 1.1 * full, least, share: COARSE });
  const tell = (rate: number, report: SimulationReport): RateRun =>
    describeRun(rate, report, limits, tokensPerRequest);
  const found = await settle(
    async (rate) => (await poll(rate)).map((report) => tell(rate, report)),
    coarse.low,
    least,
  );
  if (found === undefined) return { ...none, tooMuch: least, report: await run(least, seed) };
  const reports = await poll(found.tokensPerSecond);
  const keeping = reports.filter((report) => keepsLimits(report, limits));
  return { ...found, kept: keeping.length, seeds: PER_ROUND, report: keeping[0] ?? reports[0]! };
}

function describeRun(
  rate: number,
  { result }: SimulationReport,
  limits: ServiceLimits,
  tokensPerRequest: number,
): RateRun {
  const { requests, window } = result;
  return {
    rate,
    arrived: (requests.arrived * tokensPerRequest) / window.endSeconds,
    over: requests.finished === 0 ? Infinity : standing(result, limits),
    grows: queueGrowth(result) > 0,
    served: result.decodeTokensPerSecond + result.promptTokensPerSecond,
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

/** A round of runs at each of several rates, until the edge is known well enough; undefined where even the least is above it. */
async function settle(
  poll: (rate: number) => Promise<readonly RateRun[]>,
  around: number,
  least: number,
): Promise<Pick<FoundRate, "tokensPerSecond" | "uncertainty" | "tooMuch"> | undefined> {
  const runs: RateRun[] = [];
  const broken: number[] = [];
  const holds = async (rate: number): Promise<boolean> => {
    const round = await poll(rate);
    runs.push(...round);
    const kept = holdsOnAverage(round);
    if (!kept) broken.push(rate);
    return kept;
  };
  let low = Math.max(around, least);
  let high = low;
  for (let step = COARSE / 2; !(await holds(low)); step *= 2) {
    if (low === least) return undefined;
    high = low;
    low = Math.max(least, low * Math.max(0.5, 1 - step));
  }
  for (let step = COARSE / 2; high === low; step *= 2) {
    if (await holds(low * (1 + step))) low = high = low * (1 + step);
    else high = low * (1 + step);
  }
  // Steps that have grown may leave the edge far from both.
  while (high - low > COARSE * high) {
    const middle = (low + high) / 2;
    if (await holds(middle)) low = middle;
    else high = middle;
  }
  let edge = fitEdge(runs, (low + high) / 2);
  for (let round = 0; round < MOST_ROUNDS && edge.uncertainty > FINE * edge.rate; round += 1) {
    const beside = edge.by === "growth" ? 0 : round % 2 === 0 ? BESIDE : -BESIDE;
    await holds(edge.rate * (1 + beside));
    edge = fitEdge(runs, edge.rate);
  }
  const { rate: tokensPerSecond, uncertainty } = edge;
  const above = broken.filter((rate) => rate > tokensPerSecond);
  const tooMuch = above.length > 0 ? Math.min(...above) : tokensPerSecond + uncertainty;
  return { tokensPerSecond, uncertainty, tooMuch };
}

import type { Placement } from "../../core/placement.js";
import type { SimulationReport } from "../simulate/simulate-placement.js";
import { bisectRates, keepsLimits } from "./find-rate.js";
import { oversteps, type ServiceLimits } from "./limits.js";

/** A placement, and the prompt and output tokens/s that it carries at most. */
export interface Racer {
  readonly placement: Placement;
  readonly most: number;
  /** At which it is thought to keep the limits. */
  readonly likely?: number | undefined;
}

/** The highest rate of arrivals at which a placement was seen to keep the limits. */
export interface RacedRate extends Racer {
  /** Prompt and output tokens/s; 0 where even a trickle breaks the limits, and the report is of that trickle. */
  readonly tokensPerSecond: number;
  readonly report: SimulationReport;
}

export interface RateTrials {
  readonly limits: ServiceLimits;
  /** One run of arrivals; undefined when time is out. */
  readonly run: (
    placement: Placement,
    tokensPerSecond: number,
    seed: number,
  ) => Promise<SimulationReport | undefined>;
  readonly seed: number;
  /** Prompt and output tokens of a mean request. */
  readonly tokensPerRequest: number;
  /** Prompt and output tokens/s that are to arrive: whether limits hold at these is tried, not only a little above and below. */
  readonly wanted?: number | undefined;
}

/** Who is not so much ahead of the best is not worth more than the one run that shows it. */
const AHEAD = 1.03;
const PRECISION = 0.03;
/**
 * Share of what a placement carries at which limits are tried first, and how much less where they do not hold, down to a
 * trickle and below: what is served may be a thousandth of what the network could carry, where KV memory takes few
 * requests. High rates come first, as their large batches are soonest simulated, and time may be short.
 */
const FIRST = 0.5;
const LESS = 1 / 4;
const TRICKLE = 0.01;
const TRIES = 8;
/** The same so many times where a likely rate is known, which is then gone down from by more. */
const LESS_LIKELY = 0.85;
const LIKELY_TRIES = 4;
/** A rate that holds is raised by so much, and by twice as much each time after. */
const MORE = 0.06;
/** Share of a rate below which it is not lowered any more. */
export const LEAST_PROMISE = 0.1;

/**
 * The one of two placements that keeps the limits at the higher rate. The challenger runs once a little above the best's
 * rate with two seeds, and only if it keeps the limits in both its own rate is found, by bisection: losing takes one run.
 */
export async function raceRates(
  best: RacedRate | undefined,
  challenger: Racer,
  { limits, run, seed }: RateTrials,
): Promise<RacedRate | undefined> {
  const { placement, most, likely } = challenger;
  const known = best?.tokensPerSecond ?? 0;
  const near = likely === undefined ? 0 : LIKELY_TRIES;
  let start = known > 0 ? AHEAD * known : Math.min(most, likely ?? FIRST * most);
  if (start > most) return best;
  let high = Infinity;
  let report = await run(placement, start, seed);
  const tries = known === 0 ? near + TRIES : 1;
  for (let times = 1; times < tries; times += 1) {
    if (report === undefined || keepsLimits(report, limits)) break;
    const less = times <= near ? LESS_LIKELY : LESS;
    const lower = await run(placement, less * start, seed);
    // What was seen last is the nearest there is, where no time is left for less.
    if (lower === undefined) break;
    if (start <= TRICKLE * most && lower.result.requests.finished === 0) break;
    high = start;
    start *= less;
    report = lower;
  }
  if (report === undefined) return best;
  if (!keepsLimits(report, limits)) {
    const nearer =
      best === undefined ||
      oversteps(report.result, limits) < oversteps(best.report.result, limits);
    return known === 0 && nearer ? { ...challenger, tokensPerSecond: 0, report } : best;
  }
  if (known > 0) {
    const again = await run(placement, start, seed + 1);
    if (again === undefined || !keepsLimits(again, limits)) return best;
  }
  const keeps = async (rate: number): Promise<SimulationReport | undefined> => {
    const tried = await run(placement, rate, seed);
    return tried !== undefined && keepsLimits(tried, limits) ? tried : undefined;
  };
  const least = start;
  for (let more = MORE; high === Infinity; more *= 2) {
    const next = Math.min(most, start * (1 + more));
    const kept = next === start ? undefined : await keeps(next);
    if (kept === undefined) high = next;
    else [start, report] = [next, kept];
  }
  const found = await bisectRates(keeps, {
    low: start,
    high,
    kept: report,
    least,
    share: PRECISION,
  });
  return { ...challenger, tokensPerSecond: found.low, report: found.kept ?? report };
}

/** Of equals, as far as the noise of two last runs tells, what carries more is promised. */
const EQUAL = 0.98;

/** Promises a rate for each of the last to win the race, and returns the highest; of equals the one that carries most. */
export async function promiseBest(
  finalists: readonly Omit<RacedRate, "report">[],
  trials: RateTrials,
): Promise<RacedRate | undefined> {
  let best: RacedRate | undefined;
  for (const finalist of finalists) {
    const promised = await promiseRate(finalist, trials);
    if (promised === undefined) continue;
    const [most, own] = [best?.tokensPerSecond ?? 0, promised.tokensPerSecond];
    const equal = own >= EQUAL * most && own * EQUAL <= most;
    if (equal ? promised.most > best!.most : own > most) best = promised;
  }
  return best;
}

/** Seeds that no race has seen: the first for the figures. */
const FRESH_SEEDS = [7919, 7927, 7933, 7937];
/** What breaks limits is tried again at so much less. */
export const STEP_DOWN = 0.97;
/** What is promised is so much less than what three seeds keep: a fourth must keep it as well. */
const SPARE = 0.98;

/**
 * Lowers a rate until three fresh seeds keep the limits at it; then a little less is promised, or what came and was made in
 * these runs where that is less still: in a short one chance may leave out a tenth. The figures are those of one more run at
 * just that rate. Undefined where nothing is left, or time was out before all had run.
 */
async function promiseRate(
  { placement, most, tokensPerSecond }: Omit<RacedRate, "report">,
  { limits, run, seed, wanted, tokensPerRequest }: RateTrials,
): Promise<RacedRate | undefined> {
  const [last, ...others] = FRESH_SEEDS;
  const up = (wanted ?? 0) / SPARE;
  for (const rate of listRates(tokensPerSecond, up <= most ? up : 0)) {
    const kept: SimulationReport["result"][] = [];
    for (const fresh of others) {
      const report = await run(placement, rate, seed + fresh);
      if (report === undefined) return undefined;
      if (!keepsLimits(report, limits)) break;
      kept.push(report.result);
    }
    if (kept.length < others.length) continue;
    const promised = Math.min(
      rate === up ? wanted! : SPARE * rate,
      rateSeen(kept, tokensPerRequest),
    );
    const report = await run(placement, promised, seed + last!);
    if (report === undefined) return undefined;
    if (keepsLimits(report, limits)) return { placement, most, tokensPerSecond: promised, report };
  }
  return undefined;
}

/** Prompt and output tokens/s that came, or were made where that is less: a queue may grow by less than a short run tells from chance. */
function rateSeen(runs: readonly SimulationReport["result"][], tokensPerRequest: number): number {
  const mean = (of: (run: SimulationReport["result"]) => number): number =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  return Math.min(
    mean(({ requests, window }) => (requests.arrived * tokensPerRequest) / window.endSeconds),
    mean((run) => run.decodeTokensPerSecond + run.promptTokensPerSecond),
  );
}

/** Rates from one on down to the least that is promised, and one that is wanted among them: a little above the first, too. */
function listRates(from: number, wanted: number): readonly number[] {
  const rates: number[] = [];
  for (let rate = from; rate >= LEAST_PROMISE * from && rate > 0; rate *= STEP_DOWN)
    rates.push(rate);
  const near = wanted > LEAST_PROMISE * from && wanted * STEP_DOWN * STEP_DOWN <= from;
  return near ? [...new Set([...rates, wanted])].toSorted((a, b) => b - a) : rates;
}

/** The highest of rates, each a little below the one before, at which a run keeps the limits; undefined where none does, or time is out. */
export async function lowerUntilKept(
  run: (tokensPerSecond: number) => Promise<SimulationReport | undefined>,
  {
    from,
    least,
    limits,
  }: { readonly from: number; readonly least: number } & Pick<RateTrials, "limits">,
): Promise<Pick<RacedRate, "tokensPerSecond" | "report"> | undefined> {
  for (let tokensPerSecond = from; tokensPerSecond >= least; tokensPerSecond *= STEP_DOWN) {
    const report = await run(tokensPerSecond);
    if (report === undefined) return undefined;
    if (keepsLimits(report, limits)) return { tokensPerSecond, report };
  }
  return undefined;
}

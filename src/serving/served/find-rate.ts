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
  /** The run at that rate, of the last fresh seed. */
  readonly report: SimulationReport;
}

/** Rates are found to this share of what is served at full load. */
const PRECISION = 0.01;
const FRESH_SEEDS = [101, 102, 103];
/** A rate that a fresh seed refuses is lowered by so much. */
const STEP_DOWN = 0.98;
const TRICKLE = 0.01;

/**
 * The goodput of a placement: the highest rate of random arrivals at which the limits hold and no queue
 * grows. Bisection between nothing and what is served at full load, with one seed; then the rate is lowered
 * until three fresh seeds keep it as well. About ten runs and three.
 */
export async function findRate(
  run: RunAtRate,
  limits: ServiceLimits,
  seed: number,
): Promise<FoundRate> {
  const { result } = await run(undefined, seed);
  const full = result.decodeTokensPerSecond + result.promptTokensPerSecond;
  const keeps = async (rate: number, by: number): Promise<SimulationReport | undefined> => {
    const report = await run(rate, by);
    return oversteps(report.result, limits) === 0 && queueGrowth(report.result) === 0
      ? report
      : undefined;
  };
  let [low, high] = [0, 1.1 * full];
  while (high - low > PRECISION * full) {
    const middle = (low + high) / 2;
    if ((await keeps(middle, seed)) === undefined) high = middle;
    else low = middle;
  }
  for (let rate = low; rate > TRICKLE * full; rate *= STEP_DOWN) {
    let report: SimulationReport | undefined;
    for (const fresh of FRESH_SEEDS) {
      report = await keeps(rate, seed + fresh);
      if (report === undefined) break;
    }
    if (report !== undefined) return { tokensPerSecond: rate, tooMuch: high, report };
    high = rate;
  }
  return { tokensPerSecond: 0, tooMuch: high, report: await run(TRICKLE * full, seed) };
}

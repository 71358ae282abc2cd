/** A distribution seen so far: exact count, mean and extremes, quantiles to half a percent. */
export interface Histogram {
  add(value: number): void;
  summary(): Distribution;
}

/** Seconds. Quantiles are within 0.5 % of the exact ones; 0 where nothing was seen. */
export interface Distribution {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly p5: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}

/** Of the ends of a bin. */
export const RATIO = 1.01;
const SMALLEST = 1e-6;
const BINS = 2900;
const SCALE = 1 / Math.log(RATIO);
const OFFSET = Math.log(SMALLEST);

/** Logarithmic bins from 1 µs to 10^6 s: memory does not grow with the number of samples. */
export interface Tally {
  readonly bins: Float64Array;
  count: number;
  sum: number;
  min: number;
  max: number;
}

export function createTally(): Tally {
  return { bins: new Float64Array(BINS), count: 0, sum: 0, min: Infinity, max: 0 };
}

export function addTo(tally: Tally, value: number): void {
  tally.count += 1;
  tally.sum += value;
  if (value < tally.min) tally.min = value;
  if (value > tally.max) tally.max = value;
  tally.bins[binOf(value)]! += 1;
}

/** Counts in one what others have seen. */
export function joinTallies(tallies: readonly Tally[]): Tally {
  const all = createTally();
  for (const { bins, count, sum, min, max } of tallies) {
    all.count += count;
    all.sum += sum;
    all.min = Math.min(all.min, min);
    all.max = Math.max(all.max, max);
    for (let bin = 0; bin < BINS; bin += 1) all.bins[bin]! += bins[bin]!;
  }
  return all;
}

/** The value below which such a share lies. */
export function quantileOf({ bins, count, min, max }: Tally, share: number): number {
  if (count === 0) return 0;
  const rank = share * count;
  let seen = 0;
  for (let bin = 0; bin < BINS; bin += 1) {
    seen += bins[bin]!;
    if (seen >= rank && seen > 0) {
      const middle = SMALLEST * RATIO ** (bin + 0.5);
      return Math.min(max, Math.max(min, middle));
    }
  }
  return max;
}

/** How many lie above a value, but for those that cannot be told from it. */
export function countAbove({ bins }: Tally, value: number): number {
  let above = 0;
  for (let bin = binOf(value) + 1; bin < BINS; bin += 1) above += bins[bin]!;
  return above;
}

export function summarizeTally(tally: Tally): Distribution {
  const { count, sum, min, max } = tally;
  const quantile = (share: number): number => quantileOf(tally, share);
  return {
    count,
    mean: count === 0 ? 0 : sum / count,
    min: count === 0 ? 0 : min,
    max,
    p5: quantile(0.05),
    p25: quantile(0.25),
    p50: quantile(0.5),
    p75: quantile(0.75),
    p90: quantile(0.9),
    p95: quantile(0.95),
    p99: quantile(0.99),
  };
}

export function createHistogram(): Histogram {
  const tally = createTally();
  return { add: (value) => addTo(tally, value), summary: () => summarizeTally(tally) };
}

function binOf(value: number): number {
  const bin = value <= SMALLEST ? 0 : Math.floor((Math.log(value) - OFFSET) * SCALE);
  return bin < BINS ? bin : BINS - 1;
}

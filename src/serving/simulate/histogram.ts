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

const RATIO = 1.01;
const SMALLEST = 1e-6;
const BINS = 2900;

/** Logarithmic bins from 1 µs to 10^6 s: memory does not grow with the number of samples. */
export function createHistogram(): Histogram {
  const bins = new Float64Array(BINS);
  const scale = 1 / Math.log(RATIO);
  const offset = Math.log(SMALLEST);
  let count = 0;
  let sum = 0;
  let min = Infinity;
  let max = 0;

  function quantile(share: number): number {
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

  return {
    add(value) {
      count += 1;
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
      const bin = value <= SMALLEST ? 0 : Math.floor((Math.log(value) - offset) * scale);
      bins[bin < BINS ? bin : BINS - 1]! += 1;
    },
    summary: () => ({
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
    }),
  };
}

import { halfInterval } from "./confidence.js";
import {
  addTo,
  countAbove,
  createTally,
  joinTallies,
  quantileOf,
  RATIO,
  summarizeTally,
  type Distribution,
  type Tally,
} from "./histogram.js";

/** A distribution of one run, seen in the equal spans of its window, which tell how much of it is chance. */
export interface SpannedHistogram {
  add(span: number, value: number): void;
  clear(): void;
  summary(): SpannedDistribution;
}

/** With what runs as long may show as well: 95 % intervals, from one run; absent where it is too short to tell. */
export interface SpannedDistribution extends Distribution {
  readonly meanInterval?: Interval;
  readonly p95Interval?: Interval;
}

/** Without an end where the run does not tell how much it may be. */
export interface Interval {
  readonly from: number;
  readonly to?: number;
}

const TAIL = 0.95;
/** Waits are as long as queues, which come and go more slowly than requests do: nobody knows how often, so no more is taken than the least. */
const STAYS = 0;
/** Quantiles are the middles of bins. */
const HALF_BIN = Math.sqrt(RATIO);

export function createSpannedHistogram(): SpannedHistogram {
  let spans: Tally[] = [];
  return {
    add(span, value) {
      addTo((spans[span] ??= createTally()), value);
    },
    clear() {
      spans = [];
    },
    summary() {
      const seen = Array.from(spans, (span) => span ?? createTally());
      const all = joinTallies(seen);
      const summary = summarizeTally(all);
      if (all.count === 0) return summary;
      const known = (of: (span: Tally) => number): number =>
        (halfInterval(seen.map(of), STAYS) * seen.length) / all.count;
      const mean = known(({ sum, count }) => sum - summary.mean * count);
      if (mean === Infinity) return summary;
      const factor = Math.exp(mean / summary.mean);
      // Many may be as one: what is not below counts as well as what is above.
      const share = Math.max(
        ...[summary.p95, summary.p95 / RATIO].map((value) => {
          const above = countAbove(all, value) / all.count;
          return known((span) => countAbove(span, value) - above * span.count);
        }),
      );
      const last = TAIL + share;
      return {
        ...summary,
        // Waits are never below 0 and now and then far above their mean: the interval is that of the logarithm.
        meanInterval: { from: summary.mean / factor, to: summary.mean * factor },
        p95Interval: {
          from: quantileOf(all, Math.max(0, TAIL - share)) / HALF_BIN,
          ...(last < 1 ? { to: quantileOf(all, last) * HALF_BIN } : {}),
        },
      };
    },
  };
}

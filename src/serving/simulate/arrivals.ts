import { InputError } from "../../core/errors.js";
import type { Random } from "../../core/random.js";

/** Seconds of one interval, and the coefficient of variation of the counts (Azure trace 2023). */
const INTERVAL = 3;
const VARIATION = 0.35;

/**
 * Variance of the number of requests inside, at most, by chance of arrivals alone: those that come by themselves are n ± √n, and bursts
 * last an interval, of which as many are still there as stay that long, all of them where all stay equally long.
 */
export function varianceInside(inside: number, arrivalsPerSecond: number): number {
  if (inside === 0) return 0;
  const staySeconds = inside / arrivalsPerSecond;
  const lasting = Math.min(INTERVAL, staySeconds);
  return inside + (VARIATION * arrivalsPerSecond) ** 2 * lasting * staySeconds;
}

/** By how much of itself the rate of what arrives in so many seconds differs by chance. */
export function deviationOfArrivals(seconds: number): number {
  return VARIATION * Math.sqrt(INTERVAL / Math.max(INTERVAL, seconds));
}

/** Requests that may arrive in a run: chains are handed all of theirs at once, some 100 bytes each. */
const MOST_ARRIVALS = 20_000_000;

/**
 * Arrival times of an online workload: in every 3 s interval a count with coefficient of variation
 * 0.35 around the mean (gamma distributed; fractions carry over), uniform inside the interval.
 * Call by call the next arrival, ascending; Infinity when the interval that holds `untilSeconds` is over, as
 * arrivals may be as rare as never.
 * @throws InputError for more than can be held.
 */
export function createArrivals(
  requestsPerSecond: number,
  random: Random,
  untilSeconds: number,
): () => number {
  requireFew(requestsPerSecond * Math.max(INTERVAL, untilSeconds));
  let interval = -1;
  let carried = 0;
  let times: number[] = [];
  let at = 0;
  return () => {
    while (at >= times.length) {
      interval += 1;
      if (interval * INTERVAL > untilSeconds) return Infinity;
      const wanted = requestsPerSecond * INTERVAL * drawFactor(random) + carried;
      const count = Math.max(0, Math.round(wanted));
      carried = wanted - count;
      times = Array.from({ length: count }, () => (interval + random.next()) * INTERVAL);
      times.sort((a, b) => a - b);
      at = 0;
    }
    const time = times[at]!;
    at += 1;
    return time;
  };
}

function requireFew(arrivals: number): void {
  if (arrivals <= MOST_ARRIVALS) return;
  throw new InputError("simulation", [
    {
      path: "--rate",
      found: `${arrivals.toPrecision(2)} requests to arrive in the time simulated`,
      expected: `at most ${MOST_ARRIVALS.toPrecision(2)}: memory holds no more`,
      remedy: "Lower the rate, or simulate a shorter time (--warmup, --duration).",
    },
  ]);
}

/** Gamma with mean 1 and the trace's variation (Marsaglia and Tsang, 2000). */
function drawFactor(random: Random): number {
  const shape = 1 / VARIATION ** 2;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = random.next();
    if (Math.log(1 - u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / shape;
  }
}

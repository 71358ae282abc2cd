import type { Random } from "../../core/random.js";

/** Seconds of one interval, and the coefficient of variation of the counts (Azure trace 2023). */
const INTERVAL = 3;
const VARIATION = 0.35;

/**
 * Arrival times of an online workload: in every 3 s interval a count with coefficient of variation
 * 0.35 around the mean (gamma distributed; fractions carry over), uniform inside the interval.
 * Call by call the next arrival, ascending. Without end.
 */
export function createArrivals(requestsPerSecond: number, random: Random): () => number {
  let interval = -1;
  let carried = 0;
  let times: number[] = [];
  let at = 0;
  return () => {
    while (at >= times.length) {
      interval += 1;
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

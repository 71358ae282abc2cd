import type { SimulationResult } from "../serving/simulate/result.js";
import type { Interval, SpannedDistribution } from "../serving/simulate/spanned-histogram.js";
import { formatSeconds } from "./format-number.js";

/** What intervals are called: `bench/plus-minus.ts` measures how often they hold. */
export const INTERVALS =
  "95 % intervals, from this run alone (near full load they hold less often)";

/** What longer runs may show of latencies, as far as one run tells; nothing where it does not. */
export function describeLatencyIntervals({
  timeToFirstToken,
  timePerOutputToken,
}: Pick<SimulationResult, "timeToFirstToken" | "timePerOutputToken">): readonly string[] {
  const known = [
    ...describeIntervals("to the first token", timeToFirstToken),
    ...describeIntervals("per output token", timePerOutputToken),
  ];
  return known.length === 0 ? [] : [`${INTERVALS}: ${known.join("; ")}.`];
}

/** "to the first token 1.20 to 1.31 s on average, p95 2.10 to 2.61 s". */
export function describeIntervals(
  name: string,
  { meanInterval, p95Interval }: SpannedDistribution,
): readonly string[] {
  if (meanInterval === undefined || p95Interval === undefined) return [];
  return [`${name} ${describe(meanInterval)} on average, p95 ${describe(p95Interval)}`];
}

function describe({ from, to }: Interval): string {
  return to === undefined
    ? `${formatSeconds(from)} s or more`
    : `${formatSeconds(from)} to ${formatSeconds(to)} s`;
}

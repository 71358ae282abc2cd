/** What a plan must keep. Seconds, decode tokens/s; absent = free. */
export interface ServiceLimits {
  readonly maxTimeToFirstToken?: number;
  readonly maxTimePerOutputToken?: number;
  readonly minThroughput?: number;
  /** What the latencies are limited by. */
  readonly statistic: "mean" | "p95";
}

export function limitsLatency(limits: ServiceLimits): boolean {
  return limits.maxTimeToFirstToken !== undefined || limits.maxTimePerOutputToken !== undefined;
}

/** What is asked of latency alone; undefined where nothing is. */
export function limitsOnLatency(limits: ServiceLimits | undefined): ServiceLimits | undefined {
  if (limits === undefined || !limitsLatency(limits)) return undefined;
  const { minThroughput: _, ...latencies } = limits;
  return latencies;
}

/** The same limits on latency, as many times as tight. */
export function tighten<T extends ServiceLimits>(limits: T, factor: number): T {
  const { maxTimeToFirstToken: ttft, maxTimePerOutputToken: tpot } = limits;
  return {
    ...limits,
    ...(ttft === undefined ? {} : { maxTimeToFirstToken: ttft / factor }),
    ...(tpot === undefined ? {} : { maxTimePerOutputToken: tpot / factor }),
  };
}

/** Weight of a limit overstepped by a factor of e against a factor of e in throughput. */
const PENALTY = 6;

/** The figures a limit looks at, from the model or from a simulation. */
export interface ServiceFigures {
  readonly decodeTokensPerSecond: number;
  readonly timeToFirstToken: { readonly mean: number; readonly p95: number };
  readonly timePerOutputToken: { readonly mean: number; readonly p95: number };
}

/** How far the limits are overstepped: Σ ln(figure / limit) over those that are; 0 = all kept. */
export function oversteps(figures: ServiceFigures, limits: ServiceLimits): number {
  const { statistic, maxTimeToFirstToken, maxTimePerOutputToken, minThroughput } = limits;
  const above = (value: number, limit: number | undefined): number =>
    limit === undefined ? 0 : Math.max(0, Math.log(value / limit));
  return (
    above(figures.timeToFirstToken[statistic], maxTimeToFirstToken) +
    above(figures.timePerOutputToken[statistic], maxTimePerOutputToken) +
    (minThroughput === undefined
      ? 0
      : above(minThroughput, Math.max(figures.decodeTokensPerSecond, 1e-9)))
  );
}

/** ln(figure / limit) of the limit that is nearest to being overstepped, or is most: below 0 where all are kept. */
export function standing(
  figures: Pick<ServiceFigures, "timeToFirstToken" | "timePerOutputToken">,
  { statistic, maxTimeToFirstToken, maxTimePerOutputToken }: ServiceLimits,
): number {
  const over = (value: number, limit: number | undefined): number =>
    limit === undefined ? -Infinity : Math.log(value / limit);
  return Math.max(
    over(figures.timeToFirstToken[statistic], maxTimeToFirstToken),
    over(figures.timePerOutputToken[statistic], maxTimePerOutputToken),
  );
}

/** What the search maximises: ln(decode tokens/s), less a penalty for limits overstepped. */
export function scoreService(figures: ServiceFigures, limits: ServiceLimits): number {
  if (!(figures.decodeTokensPerSecond > 0)) return -Infinity;
  return Math.log(figures.decodeTokensPerSecond) - PENALTY * oversteps(figures, limits);
}

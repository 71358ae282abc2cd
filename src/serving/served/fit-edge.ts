import { errorsWithin } from "../simulate/confidence.js";

/** A run with arrivals at a rate. Tokens/s. */
export interface RateRun {
  /** What was asked for, and what came: arrivals are bursty, and a short run may get several percent more or less. */
  readonly rate: number;
  readonly arrived: number;
  /** ln of the figure over its limit, of the limit that is nearest to being broken or is broken most. */
  readonly over: number;
  readonly grows: boolean;
  /** What came out. Where a queue grows that is all that can be kept up with. */
  readonly served: number;
}

/** A rate with half of its 95 % interval, and what sets it. */
export interface Edge {
  readonly rate: number;
  readonly uncertainty: number;
  readonly by: "limits" | "growth";
}

/** Runs farther from the edge than this tell little of it: figures bend, from flat to steep where queues begin. */
const NEAR = 0.06;
/** For the same reason nothing counts as more over or under a limit than this, as a logarithm. */
const MOST_OVER = 0.3;
/** A limit that is an exact figure of a run is kept. */
const WITHIN = 1 - 1e-9;

/** Whether runs at one rate keep the limits on average, and no queue grows in most of them. */
export function holdsOnAverage(runs: readonly RateRun[]): boolean {
  return !growsMostly(runs) && mean(runs.map(({ over }) => over)) <= 0;
}

function growsMostly(runs: readonly RateRun[]): boolean {
  return 2 * runs.filter(({ grows }) => grows).length > runs.length;
}

/**
 * The rate at which limits are kept as often as not: where the line of ln(figure / limit) over ln(what arrived) is 0, by least
 * squares, over the runs near a rate. What arrived explains most of what chance makes of a run. Where queues grow below that,
 * halfway between the rates at which they do and do not.
 */
export function fitEdge(runs: readonly RateRun[], around: number): Edge {
  const near = runs.filter(
    ({ rate, over }) => Math.abs(rate / around - 1) <= NEAR && !Number.isNaN(over),
  );
  const growth = growthEdge(runs);
  const line = crossing(
    near.map(({ arrived, over }) => {
      const y = Math.max(-MOST_OVER, Math.min(MOST_OVER, over));
      return [Math.log(arrived / around), y] as const;
    }),
  );
  const rate = line === undefined ? Infinity : around * Math.exp(line.at) * WITHIN;
  if (rate > growth.rate) return growth;
  if (line === undefined) return { rate: around, uncertainty: NEAR * around, by: "limits" };
  return { rate, uncertainty: line.error * rate, by: "limits" };
}

/** Where a line through points is 0, with half of its 95 % interval; undefined where it does not rise or lies beyond them. */
function crossing(
  points: readonly (readonly [x: number, y: number])[],
): { readonly at: number; readonly error: number } | undefined {
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))];
  const spread = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  const slope = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / spread;
  const at = x - y / slope;
  if (!(slope > 0) || !(Math.abs(at) <= NEAR)) return undefined;
  const squares = points.reduce(
    (sum, [each, value]) => sum + (value - y - slope * (each - x)) ** 2,
    0,
  );
  const degrees = Math.max(1, points.length - 2);
  const variance = squares / degrees;
  const error = Math.sqrt(variance * (1 / points.length + (at - x) ** 2 / spread)) / slope;
  return { at, error: errorsWithin(degrees) * error };
}

/**
 * Between the two rates that part the runs whose queues grow best from those that keep up: chance makes a queue grow in a run
 * here and there. Infinity where it is chance alone. A queue that grows slowly is taken for chance, so the edge is no higher than
 * what the runs above it serve.
 */
function growthEdge(runs: readonly RateRun[]): Edge {
  const rates = [...new Set(runs.map(({ rate }) => rate)), Infinity].toSorted((a, b) => a - b);
  const wrong = (high: number): number =>
    runs.filter(({ rate, grows }) => grows === rate < high).length;
  const high = rates.reduce((best, rate) => (wrong(rate) <= wrong(best) ? rate : best));
  const low = rates.findLast((rate) => rate < high) ?? 0;
  const between = { rate: (low + high) / 2, uncertainty: (high - low) / 2, by: "growth" } as const;
  const above = runs
    .filter(({ rate, grows }) => grows && rate >= high && rate <= high * (1 + NEAR))
    .map(({ served }) => served);
  if (above.length < 2 || mean(above) >= between.rate) return between;
  const squares = above.reduce((sum, served) => sum + (served - mean(above)) ** 2, 0);
  const error = Math.sqrt(squares / (above.length - 1) / above.length);
  return { ...between, rate: mean(above), uncertainty: errorsWithin(above.length - 1) * error };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

import {
  insist,
  limitsLatency,
  measurePower,
  oversteps,
  scoreService,
  tighten,
  type Aim,
  type ServiceLimits,
} from "./limits.js";
import type { ScoredPlacement } from "./refine.js";
import type { Placement } from "../../core/placement.js";
import { figuresOf, rank, type JudgedPlacement, type Parent } from "./goodput-trials.js";

/** Baselines with at least this share of the best one's throughput, at most so many, are tried. */
const COMPARABLE = 0.75;
const MOST_RIVALS = 6;
/** Share of the best baseline's throughput from which on a baseline's latencies count. */
const AS_GOOD = 0.9;

/** Placements whose variants are tried, for each of two aims. */
const PARENTS = 3;
/** ln(tokens/s) by which what keeps preferred latencies may be behind and still be worked on. */
const HOPEFUL = 0.3;
/** ln(tokens/s) that a trial says too little of a placement, at most. */
const TRIAL_ERROR = 0.15;
/** A finalist that keeps the limits on trial with so much to spare. */
const SAFE = 1.05;

/** The baselines to measure a plan by: those that the model takes for about as good as the best. */
export function pickRivals(
  pool: readonly ScoredPlacement[],
  baselines: readonly Placement[],
): readonly Placement[] {
  const those = new Set(baselines);
  const scored = pool
    .filter(({ placement }) => those.has(placement))
    .toSorted((a, b) => b.estimate.decodeTokensPerSecond - a.estimate.decodeTokensPerSecond);
  const least = COMPARABLE * (scored[0]?.estimate.decodeTokensPerSecond ?? 0);
  return scored
    .filter(({ estimate }) => estimate.decodeTokensPerSecond >= least)
    .slice(0, MOST_RIVALS)
    .map(({ placement }) => placement);
}

/**
 * The least latencies among rivals of about the best throughput, at no less than what the best baseline serves: a plan that keeps
 * them beats every one. Nothing where the limits say what latencies are wanted.
 */
export function preferFast(
  rivals: readonly JudgedPlacement[],
  limits: ServiceLimits,
  baselines: readonly Placement[],
): Pick<Aim, "preferred"> {
  if (limitsLatency(limits) || rivals.length === 0) return {};
  const figures = rivals.map(figuresOf);
  const best = Math.max(...figures.map((one) => one.decodeTokensPerSecond));
  const those = rivals.filter(({ placement }) => baselines.includes(placement));
  const comparable = figures.filter((one) => one.decodeTokensPerSecond >= AS_GOOD * best);
  return {
    preferred: {
      timeToFirstToken: Math.min(...comparable.map((one) => one.timeToFirstToken.mean)),
      timePerOutputToken: Math.min(...comparable.map((one) => one.timePerOutputToken.mean)),
      decodeTokensPerSecond: Math.max(
        0,
        ...those.map((one) => figuresOf(one).decodeTokensPerSecond),
      ),
    },
  };
}

/**
 * The best by throughput and, in turn with them, the best by preferred latencies, as long as those
 * are not far behind.
 */
export function pickParents(judged: readonly JudgedPlacement[], aim: Aim): readonly Parent[] {
  const { preferred, ...free } = aim;
  const best = rank(judged, free).slice(0, PARENTS);
  const parents = best.map((one): Parent => ({ judged: one, aim: free }));
  if (preferred === undefined || best.length === 0) return parents;
  const strict = insist(aim);
  const least = scoreService(figuresOf(best[0]!), free) - HOPEFUL;
  const fast = rank(judged, strict)
    .slice(0, PARENTS)
    .filter((one) => scoreService(figuresOf(one), strict) >= least)
    .map((one): Parent => ({ judged: one, aim: strict }));
  return parents.flatMap((one, at) => [...(fast[at] === undefined ? [] : [fast[at]]), one]);
}

/**
 * Of placements that were there before the search, those that a longer run could still show to be the best: a trial
 * errs by less than what the others are behind. What was not on trial is among them.
 */
export function withinReach<T extends { readonly placement: Placement }>(
  starts: readonly T[],
  judged: readonly JudgedPlacement[],
  aim: Aim,
): readonly T[] {
  const { preferred: _preferred, ...free } = aim;
  const aims = [free, insist(aim)];
  const figures = new Map(judged.map((one) => [one.placement, figuresOf(one)]));
  const best = aims.map((to) =>
    Math.max(...[...figures.values()].map((one) => scoreService(one, to))),
  );
  return starts.filter(({ placement }) => {
    const own = figures.get(placement);
    return (
      own === undefined || aims.some((to, at) => scoreService(own, to) >= best[at]! - TRIAL_ERROR)
    );
  });
}

/** The best by throughput, by preferred latencies, and of those that keep the limits with ease. */
export function pickFinalists(
  judged: readonly JudgedPlacement[],
  aim: Aim,
  count: number,
): readonly Placement[] {
  const { preferred: _preferred, ...free } = aim;
  const strict = insist(aim);
  const byThroughput = rank(judged, free);
  const byLatency = rank(judged, strict);
  const safe = byLatency.find((one) => oversteps(figuresOf(one), tighten(strict, SAFE)) === 0);
  const lists = byLatency.map((one, at) => [one, byThroughput[at]!]).flat();
  const [first, second] = lists;
  const picked = [first, second, safe, ...lists].filter((one) => one !== undefined);
  return [...new Set(picked)].slice(0, count).map(({ placement }) => placement);
}

/**
 * The best by throughput, unless one that keeps the preferred latencies gives up less throughput
 * than it gains in latency.
 */
export function choosePlan(
  judged: readonly JudgedPlacement[],
  aim: Aim,
): JudgedPlacement | undefined {
  const { preferred, ...free } = aim;
  const [most] = rank(judged, free);
  if (most === undefined || preferred === undefined) return most;
  const missed = oversteps(figuresOf(most), free);
  const keeps = (one: JudgedPlacement): boolean =>
    oversteps(figuresOf(one), insist(aim)) === 0 && oversteps(figuresOf(one), free) <= missed;
  const [fast] = rank(judged.filter(keeps), free);
  const worth =
    fast !== undefined && measurePower(figuresOf(fast)) >= measurePower(figuresOf(most));
  return worth ? fast : most;
}

import { oversteps, scoreService, tighten, type ServiceLimits } from "./limits.js";
import type { ScoredPlacement } from "./refine.js";
import type { Placement } from "../../core/placement.js";
import { figuresOf, rank, type JudgedPlacement, type Parent } from "./goodput-trials.js";

/** Baselines with at least this share of the best one's throughput, at most so many, are tried. */
const COMPARABLE = 0.75;
const MOST_RIVALS = 6;
/** Placements whose variants are tried. */
const PARENTS = 3;
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

/** The best so far. */
export function pickParents(
  judged: readonly JudgedPlacement[],
  limits: ServiceLimits,
): readonly Parent[] {
  return rank(judged, limits)
    .slice(0, PARENTS)
    .map((one) => ({ judged: one, limits }));
}

/**
 * Of placements that were there before the search, those that a longer run could still show to be the best: a trial
 * errs by less than what the others are behind. What was not on trial is among them.
 */
export function withinReach<T extends { readonly placement: Placement }>(
  starts: readonly T[],
  judged: readonly JudgedPlacement[],
  limits: ServiceLimits,
): readonly T[] {
  const scores = new Map(
    judged.map((one) => [one.placement, scoreService(figuresOf(one), limits)]),
  );
  const best = Math.max(...scores.values());
  return starts.filter(({ placement }) => (scores.get(placement) ?? best) >= best - TRIAL_ERROR);
}

/** The best, and the best of those that keep the limits with ease. */
export function pickFinalists(
  judged: readonly JudgedPlacement[],
  limits: ServiceLimits,
  count: number,
): readonly Placement[] {
  const ranked = rank(judged, limits);
  const safe = ranked.find((one) => oversteps(figuresOf(one), tighten(limits, SAFE)) === 0);
  const picked = [ranked[0], safe, ...ranked].filter((one) => one !== undefined);
  return [...new Set(picked)].slice(0, count).map(({ placement }) => placement);
}

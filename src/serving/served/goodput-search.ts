import { sourceOf, type Cluster } from "../../core/cluster.js";
import { InputError } from "../../core/errors.js";
import { findBatching, type BatchingName } from "../../engines/helix/batchings.js";
import { listCandidates } from "./candidates.js";
import { limitsLatency, scoreService, tighten, type ServiceLimits } from "./limits.js";
import { refining, scorePlacement, type ScoredPlacement } from "./refine.js";
import { measureRequests } from "./request-means.js";
import { createGoodputModel, type GoodputModel } from "./steady-state.js";
import type { Solver } from "../../math/lp/solver.js";
import type { Placement } from "../../core/placement.js";
import { createRandom } from "../../core/random.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { chooseLengths } from "../../model/choose-lengths.js";

/** How the goodput search spends its effort. Pure but for the clock behind `outOfTime`. */
export interface GoodputEffort {
  readonly seed: number;
  /** Moves judged by the model per placement refined. */
  readonly refineSteps: number;
  /** Placements refined. */
  readonly refined: number;
  /** Times per output token that a descent without limits goes through, as shares of its first. */
  readonly shorter: readonly number[];
  readonly outOfTime: () => boolean;
}

/** Placements of the pool that descents start from in turn. */
const STARTS = 4;
/** Moves of a further step of a descent, as a share of those of the first. */
const DESCENT = 0.4;
/** Latency limits the model is held to, as divisors of those wanted: it errs by a few per cent. */
const MARGINS = [0.93, 1, 1.08, 1.17];
/** Placements closer than this in all figures are taken for the same. */
const SAME = 1e-4;

/** @throws InputError when a machine with nodes has no timing curves. */
export function openGoodputModel(cluster: Cluster, batching: BatchingName): GoodputModel {
  const used = new Set(cluster.nodes.map((node) => node.machine));
  const without = cluster.machines.filter(
    (machine, index) => used.has(index) && machine.capacity.curves === undefined,
  );
  if (without.length > 0)
    throw new InputError(
      sourceOf(cluster),
      without.map((machine) => ({
        path: `machines.${machine.name}.profile`,
        found: "no promptSeconds and decodeSeconds",
        expected: "measured curves, or a GPU of the catalogue to estimate them from",
        remedy: "Goodput depends on how long a batch takes: give the curves, or name the gpu.",
      })),
    );
  const requests = measureRequests(chooseLengths(cluster.workload), createRandom(1));
  return createGoodputModel(cluster, requests, findBatching(batching).calibration);
}

/**
 * Candidates of many shapes judged by the model, best first, and no two alike.
 * @param breathe called between candidates, so that an interrupt can be seen.
 */
export async function gatherPool(
  problem: PlanningProblem,
  model: GoodputModel,
  limits: ServiceLimits,
  extra: readonly Placement[],
  solver: Solver,
  effort: GoodputEffort,
  breathe: () => Promise<void>,
): Promise<readonly ScoredPlacement[]> {
  const found: ScoredPlacement[] = [];
  const add = (placement: Placement): void => {
    const scored = scorePlacement(problem, model, limits, placement);
    if (scored !== undefined) found.push(scored);
  };
  extra.forEach(add);
  const context = { solver, seed: effort.seed, shouldStop: effort.outOfTime };
  for (const { placement } of listCandidates(problem, context)) {
    add(placement);
    await breathe();
    if (effort.outOfTime() && found.length > 0) break;
  }
  return distinct(found);
}

/**
 * Refines placements of the pool on the model. Each starts a descent: refined at length for throughput
 * (or for limits a little looser than those asked for), then from there for ever tighter latencies,
 * where annealing goes on from good ground. Lazily: each is refined when asked for, with pauses (undefined).
 */
export function* refinePool(
  problem: PlanningProblem,
  model: GoodputModel,
  limits: ServiceLimits,
  pool: readonly ScoredPlacement[],
  effort: GoodputEffort,
): Generator<Placement | undefined> {
  const limited = limitsLatency(limits);
  const loosest = limited ? tighten(limits, MARGINS[0]!) : limits;
  const starts = rescore(pool, loosest).toSorted((a, b) => b.score - a.score);
  let left = effort.refined;
  for (let descent = 0; starts.length > 0; descent += 1) {
    let now = starts[descent % Math.min(starts.length, STARTS)]!;
    const refineFor = (to: ServiceLimits, steps: number): Generator<undefined, ScoredPlacement> =>
      refining(problem, model, to, rescore([now], to)[0]!, {
        steps,
        seed: effort.seed + effort.refined - left,
        shouldStop: effort.outOfTime,
      });
    if (descent > 0 && (effort.outOfTime() || left <= 0)) return;
    now = yield* refineFor(loosest, effort.refineSteps);
    left -= 1;
    yield now.placement;
    const ladder = limited
      ? MARGINS.slice(1).map((margin) => tighten(limits, margin))
      : listShorter(limits, now, effort.shorter);
    for (const to of ladder) {
      if (effort.outOfTime() || left <= 0) return;
      now = yield* refineFor(to, Math.ceil(DESCENT * effort.refineSteps));
      left -= 1;
      yield now.placement;
    }
  }
}

/** Ever tighter limits on latency below what the most throughput needs. */
function listShorter(
  limits: ServiceLimits,
  { estimate }: ScoredPlacement,
  shares: readonly number[],
): readonly ServiceLimits[] {
  return shares.map((share) => ({
    ...limits,
    statistic: "mean",
    maxTimePerOutputToken: share * estimate.timePerOutputToken.mean,
  }));
}

function rescore(
  placements: readonly ScoredPlacement[],
  limits: ServiceLimits,
): readonly ScoredPlacement[] {
  return placements.map((one) => ({ ...one, score: scoreService(one.estimate, limits) }));
}

function distinct(scored: readonly ScoredPlacement[]): readonly ScoredPlacement[] {
  const kept: ScoredPlacement[] = [];
  for (const one of scored.toSorted((a, b) => b.score - a.score)) {
    const last = kept.at(-1);
    const same =
      last !== undefined &&
      Math.abs(last.score - one.score) < SAME &&
      Math.abs(last.estimate.timeToFirstToken.mean - one.estimate.timeToFirstToken.mean) <
        SAME * one.estimate.timeToFirstToken.mean;
    if (!same) kept.push(one);
  }
  return kept;
}

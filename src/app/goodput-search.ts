import type { Cluster } from "../cluster/cluster.js";
import { InputError } from "../errors.js";
import { calibrationOf } from "../goodput/calibration.js";
import { listCandidates } from "../goodput/candidates.js";
import {
  scoreService,
  tighten,
  type ServiceFigures,
  type ServiceLimits,
} from "../goodput/limits.js";
import { refine, scorePlacement, type ScoredPlacement } from "../goodput/refine.js";
import { measureRequests } from "../goodput/request-means.js";
import { createGoodputModel, type GoodputModel } from "../goodput/steady-state.js";
import type { Solver } from "../lp/solver.js";
import { evaluateNetwork } from "../network/evaluate-placement.js";
import type { Placement } from "../placement/placement.js";
import { createRandom } from "../random.js";
import { buildOpenNetwork } from "../search/measure-throughput.js";
import type { PlanningProblem } from "../search/problem.js";
import type { BatchingName } from "../simulate/batching.js";
import { chooseLengths } from "../simulate/choose-lengths.js";
import type { SimulateOptions, SimulationReport } from "./simulate.js";
import type { SimulationCrew } from "./simulation-job.js";

/** How the goodput search spends its effort. Pure but for the clock behind `outOfTime`. */
export interface GoodputEffort {
  readonly seed: number;
  /** Moves judged by the model per placement refined. */
  readonly refineSteps: number;
  readonly outOfTime: () => boolean;
}

/** Placements refined, and those of them and of the others that go on. */
const REFINED = 12;
const POOL = 24;
/** Latency limits the model is held to, as divisors of those that the simulator must confirm. */
const MARGINS = [1.05, 1.1, 1, 1.17];
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
      cluster.name,
      without.map((machine) => ({
        path: `machines.${machine.name}.profile`,
        found: "no promptSeconds and decodeSeconds",
        expected: "measured curves, or a GPU of the catalogue to estimate them from",
        remedy: "Goodput depends on how long a batch takes: give the curves, or name the gpu.",
      })),
    );
  const requests = measureRequests(chooseLengths(cluster.workload), createRandom(1));
  return createGoodputModel(cluster, requests, calibrationOf(batching));
}

/** Candidates of many shapes judged by the model, best first, and no two alike. */
export function gatherPool(
  problem: PlanningProblem,
  model: GoodputModel,
  limits: ServiceLimits,
  extra: readonly Placement[],
  solver: Solver,
  effort: GoodputEffort,
): readonly ScoredPlacement[] {
  const found: ScoredPlacement[] = [];
  const add = (placement: Placement): void => {
    const scored = scorePlacement(problem, model, limits, placement);
    if (scored !== undefined) found.push(scored);
  };
  extra.forEach(add);
  const context = { solver, seed: effort.seed, shouldStop: effort.outOfTime };
  for (const { placement } of listCandidates(problem, context)) {
    add(placement);
    if (effort.outOfTime() && found.length > 0) break;
  }
  return distinct(found);
}

/**
 * Refines the best of the pool on the model; the result with the rest of the pool, best first.
 * Under limits on latency, the same for tighter ones in turn: the model errs by a few per cent.
 */
export function refinePool(
  problem: PlanningProblem,
  model: GoodputModel,
  limits: ServiceLimits,
  pool: readonly ScoredPlacement[],
  effort: GoodputEffort,
): readonly Placement[] {
  const limited =
    limits.maxTimeToFirstToken !== undefined || limits.maxTimePerOutputToken !== undefined;
  const margins = limited ? MARGINS : [1];
  const lists = margins.map((margin): ScoredPlacement[] => {
    const tight = tighten(limits, margin);
    return pool
      .map((one) => ({ ...one, score: scoreService(one.estimate, tight) }))
      .sort((a, b) => b.score - a.score);
  });
  const refined = lists.map((): ScoredPlacement[] => []);
  for (let at = 0; at < REFINED && !effort.outOfTime(); at += 1) {
    const margin = at % margins.length;
    const start = lists[margin]![Math.floor(at / margins.length)];
    if (start === undefined) continue;
    const tight = tighten(limits, margins[margin]!);
    const options = {
      steps: effort.refineSteps,
      seed: effort.seed + at,
      shouldStop: effort.outOfTime,
    };
    refined[margin]!.push(refine(problem, model, tight, start, options));
  }
  const ordered = lists.map((list, margin) => distinct([...refined[margin]!, ...list]));
  const trials = Array.from({ length: POOL }, (_, at) => ordered.map((list) => list[at]))
    .flat()
    .filter((one) => one !== undefined)
    .map(({ placement }) => placement);
  return [...new Map(trials.map((one) => [JSON.stringify(one), one])).values()].slice(0, POOL);
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

/** A placement with what the simulator says of it. */
export interface JudgedPlacement {
  readonly placement: Placement;
  readonly report: SimulationReport;
  readonly score: number;
}

/**
 * Simulates placements in the order given, as many at once as the crew has hands, until `enough`;
 * at least one. Best first.
 */
export async function judge(
  problem: PlanningProblem,
  placements: readonly Placement[],
  options: SimulateOptions,
  limits: ServiceLimits,
  crew: SimulationCrew,
  enough: (done: number) => boolean,
): Promise<readonly JudgedPlacement[]> {
  const judged: JudgedPlacement[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < placements.length && (next === 0 || !enough(judged.length))) {
      const placement = placements[next++]!;
      const { links } = evaluateNetwork(
        problem.cluster,
        placement,
        buildOpenNetwork(problem, placement),
      );
      const { report } = await crew.run({
        cluster: problem.cluster,
        placement,
        options: { ...options, partialInference: problem.partialInference, links },
      });
      judged.push({ placement, report, score: scoreService(figuresOf(report), limits) });
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, crew.size) }, work));
  const order = new Map(placements.map((placement, at) => [placement, at]));
  return judged.sort(
    (a, b) => b.score - a.score || order.get(a.placement)! - order.get(b.placement)!,
  );
}

export function figuresOf({ result }: SimulationReport): ServiceFigures {
  const { decodeTokensPerSecond, timeToFirstToken, timePerOutputToken } = result;
  return { decodeTokensPerSecond, timeToFirstToken, timePerOutputToken };
}

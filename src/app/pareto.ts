import type { Cluster } from "../cluster/cluster.js";
import type { ServiceLimits } from "../goodput/limits.js";
import { refine, type ScoredPlacement } from "../goodput/refine.js";
import { scorePlacement } from "../goodput/refine.js";
import type { Placement } from "../placement/placement.js";
import type { SolverName } from "../lp/solver.js";
import { UNCONSTRAINED, type PlanningProblem } from "../search/problem.js";
import type { BatchingName } from "../simulate/batching.js";
import { findObstacle, type Obstacle } from "./feasibility.js";
import { gatherPool, judge, openGoodputModel, type JudgedPlacement } from "./goodput-search.js";
import type { GoodputPorts } from "./plan-goodput.js";
import { createInlineSimulationCrew } from "./simulation-crew.js";

export interface ParetoOptions {
  /** Seconds of wall clock. Default 120. */
  readonly timeLimitSeconds?: number;
  /** Moves per placement refined, instead of the clock. */
  readonly iterationLimit?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Default "layerwise". */
  readonly batching?: BatchingName;
  /** Default "highs". */
  readonly solver?: SolverName;
  /** Threads for simulations; 0 = none. Default 2. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

export type ParetoOutcome =
  | {
      readonly kind: "front";
      /** Simulated, by falling throughput; none is beaten in throughput, TTFT and TPOT at once. */
      readonly points: readonly JudgedPlacement[];
      /** Placements simulated. */
      readonly judged: number;
    }
  | { readonly kind: "infeasible"; readonly obstacle: Obstacle };

const DEFAULT_TIME_LIMIT = 120;
const DEFAULT_STEPS = 2000;
/** Latency limits under which placements are sought, as shares of those of the best throughput. */
const TIGHTENING = [1, 0.92, 0.84, 0.76, 0.68, 0.6, 0.5];
/** Candidates that nothing beats on the model; as many go to the simulator besides those refined. */
const MOST_UNREFINED = 8;
const WINDOW = { warmupSeconds: 600, durationSeconds: 900 };
const FREE: ServiceLimits = { statistic: "mean" };

/**
 * Placements between most throughput and least latency: for ever tighter latencies the best on the
 * steady-state model, refined under that limit, then simulated; what another one beats is left out.
 * @throws InputError when a machine has no timing curves.
 */
export async function findFront(
  cluster: Cluster,
  options: ParetoOptions,
  ports: GoodputPorts,
): Promise<ParetoOutcome> {
  const started = ports.now();
  const problem: PlanningProblem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
  const obstacle = findObstacle(problem);
  if (obstacle !== undefined) return { kind: "infeasible", obstacle };
  const { seed = 1, batching = "layerwise", iterationLimit, threads = 2 } = options;
  const limit = options.timeLimitSeconds ?? DEFAULT_TIME_LIMIT;
  const after = (share: number) => (): boolean =>
    options.signal?.aborted === true ||
    (iterationLimit === undefined && ports.now() - started > share * limit);
  const model = openGoodputModel(cluster, batching);
  const solver = await ports.loadSolver(options.solver ?? "highs");
  const steps = iterationLimit ?? DEFAULT_STEPS;
  const effort = { seed, refineSteps: steps, outOfTime: after(0.3) };
  const pool = gatherPool(problem, model, FREE, [], solver, effort);
  const refined = pool.length === 0 ? [] : tighten(pool, after(0.45));
  const crew =
    threads === 0 || ports.startSimulations === undefined
      ? createInlineSimulationCrew()
      : ports.startSimulations(threads);
  try {
    const trials = interleave(refined, unbeaten(pool, estimated).slice(0, MOST_UNREFINED)).map(
      ({ placement }) => placement,
    );
    const simulation = { batching, seed, ...WINDOW };
    const judged = await judge(problem, unique(trials), simulation, FREE, crew, after(0.9));
    return { kind: "front", points: unbeaten(judged, simulated), judged: judged.length };
  } finally {
    await crew.dismiss();
  }

  function tighten(
    all: readonly ScoredPlacement[],
    outOfTime: () => boolean,
  ): readonly ScoredPlacement[] {
    const { timeToFirstToken: ttft, timePerOutputToken: tpot } = all[0]!.estimate;
    const limited = TIGHTENING.flatMap((share): readonly ServiceLimits[] => [
      { statistic: "mean", maxTimePerOutputToken: share * tpot.mean },
      { statistic: "mean", maxTimeToFirstToken: share * ttft.mean },
    ]);
    const found: ScoredPlacement[] = [];
    for (const [at, limits] of limited.entries()) {
      if (outOfTime()) break;
      const start = all
        .map(({ placement }) => scorePlacement(problem, model, limits, placement))
        .filter((scored) => scored !== undefined)
        .reduce((a, b) => (b.score > a.score ? b : a));
      found.push(
        refine(problem, model, limits, start, { steps, seed: seed + at, shouldStop: outOfTime }),
      );
    }
    return found;
  }
}

type Figures = readonly [slowness: number, firstToken: number, perToken: number];

const estimated = ({ estimate }: ScoredPlacement): Figures => [
  -estimate.decodeTokensPerSecond,
  estimate.timeToFirstToken.mean,
  estimate.timePerOutputToken.mean,
];

const simulated = ({ report }: JudgedPlacement): Figures => [
  -report.result.decodeTokensPerSecond,
  report.result.timeToFirstToken.mean,
  report.result.timePerOutputToken.mean,
];

/** Those that no other one equals or betters in every figure, by falling throughput. O(n²). */
export function unbeaten<T>(items: readonly T[], figures: (item: T) => Figures): readonly T[] {
  const kept = items.filter((item, at) => {
    const own = figures(item);
    return !items.some((other, index) => {
      if (index === at) return false;
      const its = figures(other);
      const noWorse = its.every((value, axis) => value <= own[axis]!);
      return noWorse && (index < at || its.some((value, axis) => value < own[axis]!));
    });
  });
  return kept.toSorted((a, b) => figures(a)[0] - figures(b)[0]);
}

function interleave<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, at) => [a[at], b[at]])
    .flat()
    .filter((item) => item !== undefined);
}

function unique(placements: readonly Placement[]): readonly Placement[] {
  return [...new Map(placements.map((one) => [JSON.stringify(one), one])).values()];
}

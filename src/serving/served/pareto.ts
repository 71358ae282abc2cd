import type { Cluster } from "../../core/cluster.js";
import { listBaselines } from "./candidates.js";
import type { ServiceLimits } from "./limits.js";
import type { ScoredPlacement } from "./refine.js";
import type { Placement } from "../../core/placement.js";
import type { SolverName } from "../../math/lp/solver.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { chooseEngine, type EngineAsked } from "../../engines/choose-engine.js";
import { nodeBatching } from "../../engines/node-batching.js";
import type { BatchingName } from "../../engines/helix/batchings.js";
import { settleRoom } from "../../planner/problem/exact-ends.js";
import type { Obstacle } from "../../planner/problem/obstacle.js";
import { haltAfter } from "./halt.js";
import { gatherPool, openGoodputModel, refinePool, type GoodputEffort } from "./goodput-search.js";
import {
  createTrial,
  evolve,
  figuresOf,
  trialWindow,
  type JudgedPlacement,
  type Parent,
  type TrialOptions,
} from "./goodput-trials.js";
import { paceTrials, type PacedTrials } from "./pace-trials.js";
import { judgeUnderLoads, type LoadedPlacement } from "./pareto-loads.js";
import type { GoodputPorts } from "./goodput-options.js";
import { problemFor } from "./problem-for.js";
import { createInlineSimulationCrew } from "../simulate/inline-simulations.js";
import type { SimulationCrew } from "../simulate/simulation-job.js";
import { thin, unbeaten, type Figures } from "./unbeaten.js";

/** How a front is looked for. */
export interface FrontSearchOptions extends EngineAsked {
  /** Seconds of wall clock. Default 120. */
  readonly timeLimitSeconds?: number;
  /** Moves per placement refined, instead of the clock. */
  readonly iterationLimit?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Default the engine's own. */
  readonly batching?: BatchingName;
  /** Default "highs". */
  readonly solver?: SolverName;
  /** Threads for simulations; 0 = none. Default 2. */
  readonly threads?: number;
  /** Shares of what a placement serves at full load, above 0 and below 1, at which it is judged as well. Default none. */
  readonly loads?: readonly number[];
  readonly signal?: AbortSignal;
  /** Told in words what is done at the moment. */
  readonly onPhase?: (doing: string) => void;
}

/** Placements that nothing beats, on one cluster whose engine takes steps of one size. */
export interface Front {
  readonly kind: "front";
  /** Simulated, by falling throughput; none is beaten in throughput, TTFT and TPOT at once. */
  readonly points: readonly LoadedPlacement[];
  /** Each placement of the points at full load, by falling throughput. */
  readonly placements: readonly JudgedPlacement[];
  /** Placements simulated. */
  readonly judged: number;
  /** Not all placements ran at all loads that were asked for. */
  readonly loadsCut: boolean;
  /** What every placement keeps to. */
  readonly problem: PlanningProblem;
}

const DEFAULT_TIME_LIMIT = 120;
const DEFAULT_STEPS = 10_000;
/** Times per output token that placements are refined for, as shares of those of most throughput. */
const SHORTER = [0.92, 0.84, 0.76, 0.68, 0.6, 0.5];
/** Share of the time after which candidates, refinement and trials end; without a clock, rounds. */
const CANDIDATE_SHARE = 0.2;
const REFINE_SHARE = 0.55;
const TRIAL_SHARE = 0.75;
/** The same where other loads are to be run at the end. */
const TRIAL_SHARE_WITH_LOADS = 0.6;
const ROUNDS = 3;
/** Share of what is left by then that the first trial may take, and of all kept for writing. */
const FIRST_SHARE = 0.12;
const RESERVED = 0.03;
const REFINED = 64;
/** Candidates that nothing beats on the model; as many go to the simulator besides those refined. */
const MOST_UNREFINED = 6;
/** Points of a front that run as long as the figures say. */
const MOST_POINTS = 12;
const WINDOW = { warmupSeconds: 600, durationSeconds: 900 };
const FREE: ServiceLimits = { statistic: "mean" };

/**
 * Placements between most throughput and least latency: for ever tighter latencies the best on the
 * steady-state model, refined under that limit, then simulated, and variants of those that nothing
 * beats; what another one beats is left out. Where other loads than the full one are asked for, what is left runs at
 * these too, and what is beaten by another placement at any load is left out.
 * @throws InputError when a machine has no timing curves.
 */
export async function searchFront(
  given: Cluster,
  options: FrontSearchOptions & {
    /** Placements known to serve much, or soon, which are simulated first. */
    readonly starts?: readonly Placement[];
  },
  ports: GoodputPorts,
): Promise<Front | { readonly kind: "infeasible"; readonly obstacle: Obstacle }> {
  const started = ports.now();
  const { engine, asked } = chooseEngine(given, options);
  const { problem, obstacle } = settleRoom(problemFor(given, options));
  const { cluster } = problem;
  if (obstacle !== undefined) return { kind: "infeasible", obstacle };
  const { seed = 1, iterationLimit, threads = 2 } = options;
  const batching = nodeBatching(engine, options.batching);
  const limit = options.timeLimitSeconds ?? DEFAULT_TIME_LIMIT;
  const after = (share: number) => (): boolean =>
    options.signal?.aborted === true ||
    (iterationLimit === undefined && ports.now() - started > share * limit);
  const model = openGoodputModel(cluster, batching);
  const solver = await ports.loadSolver(options.solver ?? "highs");
  const effort = (share: number): GoodputEffort => ({
    seed,
    refineSteps: iterationLimit ?? DEFAULT_STEPS,
    refined: REFINED,
    shorter: SHORTER,
    outOfTime: after(share),
  });
  const { starts: known = [] } = options;
  const extra = [...known, ...listBaselines(cluster)];
  const breathe = (): Promise<void> => ports.breathe();
  const candidates = effort(CANDIDATE_SHARE);
  const { onPhase: tell = () => undefined } = options;
  tell("looking for placements with the steady-state model");
  const pool = await gatherPool(problem, model, FREE, extra, solver, candidates, breathe);
  if (pool.length === 0)
    return { kind: "front", points: [], placements: [], judged: 0, loadsCut: false, problem };
  const crew =
    threads === 0 || ports.startSimulations === undefined
      ? createInlineSimulationCrew(() => ports.now())
      : ports.startSimulations(threads);
  tell(`placements found: ${pool.length}; simulating the best of them`);
  const left = iterationLimit === undefined ? limit - (ports.now() - started) : Infinity;
  const halt = haltAfter(left, options.signal, ports);
  try {
    const queue = chain(
      known,
      placementsOf(unbeaten(pool, estimated).slice(0, MOST_UNREFINED)),
      refinePool(problem, model, FREE, pool, effort(REFINE_SHARE)),
    );
    const simulation = { ...asked, batching, seed };
    const window = trialWindow(cluster, pool[0]!.estimate);
    const { signal } = halt;
    const seconds = (): number => (1 - RESERVED) * limit - (ports.now() - started);
    const paced = await paceTrials(
      problem,
      { ...simulation, ...window, begins: "full", seed: seed + 1, signal },
      crew,
      {
        first: known[0] ?? unbeaten(pool, estimated)[0]!.placement,
        perRun: iterationLimit === undefined ? FIRST_SHARE * seconds() : Infinity,
        left: seconds,
      },
    );
    const { trial, hurried } = paced;
    const { loads = [] } = options;
    const enough = after(loads.length === 0 ? TRIAL_SHARE : TRIAL_SHARE_WITH_LOADS);
    const judged = await evolve(
      {
        problem,
        model,
        seed,
        trial,
        parents: (all) => {
          const best = unbeaten(all, simulated);
          tell(`placements simulated: ${all.length}, unbeaten: ${best.length}`);
          return best.map(noSlower);
        },
        enough: (rounds) =>
          options.signal?.aborted === true ||
          (iterationLimit === undefined ? (hurried || rounds > 0) && enough() : rounds >= ROUNDS),
        restless: iterationLimit === undefined,
        breathe,
      },
      queue,
      paced.first === undefined ? [] : [paced.first],
    );
    const confirmation = { ...paced, problem, simulation, loads, known, signal, tell };
    return await confirmFront(confirmation, judged, crew);
  } finally {
    halt.release();
    await crew.dismiss();
  }
}

interface Confirmation extends Pick<PacedTrials, "hurried" | "warmupSeconds" | "durationSeconds"> {
  readonly problem: PlanningProblem;
  readonly simulation: TrialOptions;
  readonly loads: readonly number[];
  /** Judged at other loads in any case: what is beaten at full load may be the quickest there. */
  readonly known: readonly Placement[];
  readonly signal: AbortSignal;
  readonly tell: (doing: string) => void;
}

/** Those that nothing beats, in long runs where there is time, and at other loads. */
async function confirmFront(
  { problem, simulation, loads, known, signal, tell, ...paced }: Confirmation,
  judged: readonly JudgedPlacement[],
  crew: SimulationCrew,
): Promise<Front> {
  const { hurried, warmupSeconds, durationSeconds } = paced;
  const trialsStand = hurried || signal.aborted;
  const window = trialsStand ? { warmupSeconds, durationSeconds } : WINDOW;
  const options = { ...simulation, ...window, signal };
  const best = thin(unbeaten(judged, simulated), MOST_POINTS);
  const asKnown = loads.length === 0 ? [] : judged.filter((one) => known.includes(one.placement));
  const front = [...new Set([...best, ...asKnown])];
  const long = trialsStand ? front : await createTrial(problem, options, crew)(placementsOf(front));
  const whole = long.length < front.length ? front : long;
  const full = loads.length === 0 ? unbeaten(whole, simulated) : whole;
  if (loads.length > 0) tell("simulating at other loads");
  const shares = loads.toSorted((a, b) => b - a);
  const loaded = await judgeUnderLoads(problem, full, shares, options, crew);
  const loadsCut = loaded.length < full.length * (1 + shares.length);
  const points = unbeaten(loaded, simulated);
  const shown = new Set(points.map(({ placement }) => placement));
  const placements = full.filter(({ placement }) => shown.has(placement));
  return { kind: "front", points, placements, judged: judged.length, loadsCut, problem };
}

/** Variants of a point are to serve more at latencies no longer. */
function noSlower(judged: JudgedPlacement): Parent {
  const { timeToFirstToken, timePerOutputToken } = figuresOf(judged);
  return {
    judged,
    limits: {
      statistic: "mean",
      maxTimeToFirstToken: timeToFirstToken.mean,
      maxTimePerOutputToken: timePerOutputToken.mean,
    },
  };
}

const estimated = ({ estimate }: ScoredPlacement): Figures => [
  -estimate.decodeTokensPerSecond,
  estimate.timeToFirstToken.mean,
  estimate.timePerOutputToken.mean,
];

/** What a placement under load is compared by. */
export const simulated = ({ report }: JudgedPlacement): Figures => [
  -report.result.decodeTokensPerSecond,
  report.result.timeToFirstToken.mean,
  report.result.timePerOutputToken.mean,
];

function placementsOf(items: readonly { readonly placement: Placement }[]): readonly Placement[] {
  return items.map(({ placement }) => placement);
}

function* chain<T>(...parts: readonly Iterable<T>[]): Generator<T> {
  for (const part of parts) yield* part;
}

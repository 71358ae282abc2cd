import { truncatedSumBound } from "../bounds/compute-bounds.js";
import { checkPlacement } from "../check/check-placement.js";
import type { Cluster } from "../cluster/cluster.js";
import { BugError } from "../errors.js";
import { oversteps, tighten, type ServiceLimits } from "../goodput/limits.js";
import type { SolverName } from "../lp/solver.js";
import { groupMachines } from "../milp/machine-classes.js";
import type { Placement } from "../placement/placement.js";
import type { PlacementFile } from "../schema/placement-schema.js";
import { UNCONSTRAINED, type PlanningProblem } from "../search/problem.js";
import { chooseSchedule } from "../search/strategies.js";
import type { BatchingName } from "../simulate/batching.js";
import {
  figuresOf,
  gatherPool,
  judge,
  openGoodputModel,
  refinePool,
  type GoodputEffort,
  type JudgedPlacement,
} from "./goodput-search.js";
import { describePlacement } from "./placement-file.js";
import { search, type SearchPorts, type SearchProgress } from "./search.js";
import type { SimulateOptions } from "./simulate.js";
import { createInlineSimulationCrew } from "./simulation-crew.js";
import type { SimulationCrew } from "./simulation-job.js";
import { VERSION } from "./version.js";

export interface GoodputOptions {
  readonly timeLimitSeconds: number;
  readonly iterationLimit: number | undefined;
  readonly gap: number;
  readonly seed: number;
  readonly solver: SolverName;
  readonly threads: number;
  readonly warmStart: Placement | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: SearchProgress) => void) | undefined;
  readonly batching: BatchingName;
  readonly limits: ServiceLimits;
}

export interface GoodputPorts extends SearchPorts {
  /** Absent = simulations run in the calling thread. */
  readonly startSimulations?: (threads: number) => SimulationCrew;
}

export interface GoodputResult {
  /** Undefined when no placement with any throughput was found. */
  readonly judged: JudgedPlacement | undefined;
  /** 0 when every limit is kept. */
  readonly oversteps: number;
  /** Of the flow, in tokens/s. */
  readonly upperBound: number;
  readonly boundName: string;
  readonly termination: PlacementFile["termination"];
  readonly log: PlacementFile["solve"]["strategies"];
  readonly versions: Readonly<Record<string, string>>;
}

/** Shares of the time limit after which flow and bounds, candidates, refinement and first trials end. */
const FLOW_SHARE = 0.12;
const CANDIDATE_SHARE = 0.3;
const REFINE_SHARE = 0.45;
const TRIAL_SHARE = 0.8;
/** Moves per placement when only the clock limits. */
const REFINE_STEPS = 4000;
/** Without a clock: placements on trial. */
const TRIALS = 6;
const FINALISTS = 2;
/** One more finalist keeps the limits on trial with so much to spare. */
const SAFE = 1.05;
/** A trial is shorter than the run that the estimate comes from; final runs and one more trial last as much. */
const FINAL_TO_TRIAL = 4;
const TRIAL_WINDOW = { warmupSeconds: 400, durationSeconds: 700 };

/**
 * Finds the placement that serves most decode tokens under its KV limits, within the limits on
 * latency: many shapes judged by the steady-state model, the best refined on it, and the last few
 * judged by the simulator. The upper bound is that of the flow, which no placement's service exceeds.
 * @throws InputError when a machine has no timing curves.
 */
export async function searchGoodput(
  problem: PlanningProblem,
  options: GoodputOptions,
  ports: GoodputPorts,
): Promise<GoodputResult> {
  const started = ports.now();
  const { batching, limits, iterationLimit } = options;
  const model = openGoodputModel(problem.cluster, batching);
  const timed = iterationLimit === undefined;
  const after = (share: number) => (): boolean =>
    options.signal?.aborted === true ||
    (timed && ports.now() - started > share * options.timeLimitSeconds);
  const { constraints } = problem;
  const flow = await search(
    problem,
    {
      ...options,
      schedule: chooseSchedule(problem, constraints.chainsOnly === true ? "pipelines" : "stages"),
      timeLimitSeconds: timed ? FLOW_SHARE * options.timeLimitSeconds : Infinity,
      threads: Math.min(options.threads, 1),
    },
    ports,
  );
  const solver = await ports.loadSolver(options.solver);
  const tell = (strategy: string, throughput: number | undefined): void =>
    options.onProgress?.({
      seconds: ports.now() - started,
      strategy,
      event: throughput === undefined ? "started" : "incumbent",
      throughput,
      upperBound: flow.upperBound,
      gap: 1,
    });
  const effort = (share: number): GoodputEffort => ({
    seed: options.seed,
    refineSteps: iterationLimit ?? REFINE_STEPS,
    outOfTime: after(share),
  });
  tell("goodput-candidates", undefined);
  const known = [flow.incumbent?.placement, options.warmStart].filter(
    (placement) => placement !== undefined,
  );
  const pool = gatherPool(problem, model, limits, known, solver, effort(CANDIDATE_SHARE));
  tell("goodput-refine", undefined);
  const refined = refinePool(problem, model, limits, pool, effort(REFINE_SHARE));
  tell("goodput-simulate", undefined);
  const crew =
    options.threads === 0 || ports.startSimulations === undefined
      ? createInlineSimulationCrew()
      : ports.startSimulations(options.threads);
  const simulation: SimulateOptions = { batching, seed: options.seed };
  const trials = refined.slice(0, timed ? refined.length : TRIALS);
  let best: JudgedPlacement | undefined;
  try {
    const first = { ...simulation, ...TRIAL_WINDOW };
    const begun = ports.now();
    const enough = after(TRIAL_SHARE);
    const judged = await judge(problem, trials, first, limits, crew, (done) => {
      const perRound = ((ports.now() - begun) * crew.size) / Math.max(1, done);
      const left = started + options.timeLimitSeconds - ports.now();
      return enough() || (timed && done > 0 && left < FINAL_TO_TRIAL * perRound);
    });
    best = judged[0];
    const safe = judged.find(
      (one) => oversteps(figuresOf(one.report), tighten(limits, SAFE)) === 0,
    );
    const finalists = [
      ...new Set([...judged.slice(0, FINALISTS), ...(safe === undefined ? [] : [safe])]),
    ].map(({ placement }) => placement);
    if (finalists.length > 0 && options.signal?.aborted !== true)
      best = (await judge(problem, finalists, simulation, limits, crew, after(1)))[0];
  } finally {
    await crew.dismiss();
  }
  if (best !== undefined) tell("goodput-simulate", best.report.flow);
  return {
    judged: best,
    oversteps: best === undefined ? 0 : oversteps(figuresOf(best.report), limits),
    upperBound: flow.upperBound,
    boundName: flow.boundName,
    termination: after(1)() ? ended(options.signal) : timed ? "exhausted" : "iteration-limit",
    log: flow.log,
    versions: flow.versions,
  };
}

function ended(signal: AbortSignal | undefined): PlacementFile["termination"] {
  return signal?.aborted === true ? "interrupted" : "time-limit";
}

/** A placement judged as a placement file, re-checked; its bound is the truncated compute sum. */
export function describeJudged(
  cluster: Cluster,
  judged: JudgedPlacement,
  clusterSha256: string,
): PlacementFile {
  const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
  const classes = groupMachines(cluster, UNCONSTRAINED);
  const estimate = describeEstimate(judged);
  const file = describePlacement(cluster, judged.placement, {
    clusterSha256,
    objective: "goodput",
    problem,
    upperBound: truncatedSumBound(classes, cluster.model.layers),
    boundName: "truncated compute sum",
    gapAsked: 0,
    termination: "exhausted",
    solve: {
      seconds: 0,
      seed: judged.report.seed,
      strategies: [],
      versions: { "helix-place": VERSION },
    },
    estimate,
  });
  const failures = checkPlacement(cluster, file);
  if (failures.length > 0)
    throw new BugError(`the re-check refuses the placement: ${JSON.stringify(failures[0])}`);
  return file;
}

/** The simulated figures as they stand in a placement file. */
export function describeEstimate({ report }: JudgedPlacement): PlacementFile["estimate"] {
  const { result, batching, seed } = report;
  const { startSeconds, endSeconds } = result.window;
  return {
    decodeThroughput: result.decodeTokensPerSecond,
    promptLatency: result.timeToFirstToken.mean,
    decodeLatency: result.timePerOutputToken.mean,
    concurrency: result.meanInFlight,
    method: `simulated offline at full load: Helix scheduler, ${batching} batching, ${startSeconds} s to ${endSeconds} s, seed ${seed}`,
  };
}

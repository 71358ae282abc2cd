import { listBaselines } from "./candidates.js";
import { oversteps } from "./limits.js";
import { haltAfter } from "./halt.js";
import { scorePlacement, type ScoredPlacement } from "./refine.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { chooseSchedule } from "../../planner/portfolio/choose-schedule.js";
import { pickFinalists, pickParents, pickRivals, withinReach } from "./goodput-rivals.js";
import { gatherPool, openGoodputModel, refinePool, type GoodputEffort } from "./goodput-search.js";
import {
  createTrial,
  evolve,
  figuresOf,
  PER_ROUND,
  rank,
  trialWindow,
  type TrialOptions,
  type JudgedPlacement,
  type Trial,
} from "./goodput-trials.js";
import { search } from "../../planner/portfolio/search.js";
import type { SimulateOptions } from "../simulate/simulate-placement.js";
import {
  lengthOf,
  longer,
  longestOf,
  LAST_WINDOW,
  noLongerThanTrials,
  timesLonger,
  type Window,
} from "./goodput-windows.js";
import type { GoodputOptions, GoodputPorts, GoodputResult } from "./goodput-options.js";
import { runFinalists } from "./run-finalists.js";
import { paceTrials, type PacedTrials } from "./pace-trials.js";
import { createInlineSimulationCrew } from "../simulate/inline-simulations.js";

/** The placements that were there before the search, on trial. */
interface TriedRivals {
  readonly paced: PacedTrials;
  readonly window: Window;
  readonly rivals: readonly JudgedPlacement[];
  /** Seconds. */
  readonly perTrial: number;
}

/** Shares of the time limit after which flow and bounds, candidates and refinement end. */
const FLOW_SHARE = 0.1;
const CANDIDATE_SHARE = 0.25;
const REFINE_SHARE = 0.76;
/** Share of what is left by then in which the baselines, warm start and flow plan are tried. */
const RIVALS_SHARE = 0.5;
/** Share of the time limit kept for describing and re-checking the plan. */
const RESERVED = 0.03;
/** Moves per placement when only the clock limits. */
const REFINE_STEPS = 12_000;
const REFINED = 64;
const SHORTER = [0.93, 0.87, 0.81, 0.75];
/** Without a clock: placements refined and rounds of trials. */
const REFINED_WITHOUT_CLOCK = 6;
const ROUNDS = 3;
/** Placements that run as long as the estimate says. */
const FINALISTS = 4;
/** Fewer of them without a clock, or from this share of the time on. */
const FEWER_FINALISTS = 2;
const LATE = 0.9;
/** Seconds of computing per simulated second: a last run's over a trial's. It serves more, but starts once for longer (0.66 to 0.77 seen). */
const LAST_RUN_COST = 0.9;

/**
 * Finds the placement that serves most decode tokens under its KV limits, within the limits on
 * latency: many shapes judged by the steady-state model, the best refined on it, and the last few
 * judged by the simulator. The upper bound is that of the flow.
 * @throws InputError when a machine has no timing curves.
 */
export async function searchGoodput(
  problem: PlanningProblem,
  options: GoodputOptions,
  ports: GoodputPorts,
): Promise<GoodputResult> {
  const started = ports.now();
  const { batching, limits, iterationLimit } = options;
  const forServed = options.objective === "served";
  const model = openGoodputModel(problem.cluster, batching);
  const timed = iterationLimit === undefined;
  const aborted = (): boolean => options.signal?.aborted === true;
  // Of no time at all any share is over.
  const after = (share: number) => (): boolean =>
    aborted() || (timed && !(ports.now() - started <= share * options.timeLimitSeconds));
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
    shorter: SHORTER,
    refined: timed ? REFINED : REFINED_WITHOUT_CLOCK,
    outOfTime: after(share),
  });
  tell("goodput-candidates", undefined);
  const baselines = listBaselines(problem.cluster);
  const known = [
    flow.incumbent?.placement,
    options.warmStart,
    ...options.starts,
    ...baselines,
  ].filter((placement) => placement !== undefined);
  const breathe = (): Promise<void> => ports.breathe();
  const candidates = effort(CANDIDATE_SHARE);
  const pool = await gatherPool(problem, model, limits, known, solver, candidates, breathe);
  if (pool.length === 0 || aborted()) return outcome([], pool);
  tell("goodput-simulate", undefined);
  const crew =
    options.threads === 0 || ports.startSimulations === undefined
      ? createInlineSimulationCrew(() => ports.now())
      : ports.startSimulations(options.threads);
  const simulation: SimulateOptions = { ...options.engine, batching, seed: options.seed };
  const asTheyAre = [options.warmStart, ...options.starts, flow.incumbent?.placement].flatMap(
    (placement) =>
      (placement && scorePlacement(problem, model, limits, placement)) ?? ([] as const),
  );
  const [favourite] = pool;
  // What is served shows only when the slowest of them has filled its memory. For goodput all of them get a last run, and trials as
  // long as the slowest of them needs would take the time from the search.
  const measure = forServed ? asTheyAre : [];
  const shortest = longestOf(
    [favourite!, ...measure].map(({ estimate }) => trialWindow(problem.cluster, estimate)),
  );
  const elapsed = ports.now() - started;
  const halt = haltAfter(
    timed ? options.timeLimitSeconds - elapsed : Infinity,
    options.signal,
    ports,
  );
  const { signal } = halt;
  const left = (): number => (1 - RESERVED) * options.timeLimitSeconds - (ports.now() - started);
  try {
    const [first = pool[0]!.placement, ...others] = new Set([
      ...asTheyAre.map(({ placement }) => placement),
      ...pickRivals(pool, baselines),
    ]);
    const tryRivals = async (window: Window): Promise<TriedRivals | undefined> => {
      const begun = ports.now();
      const paced = await paceTrials(
        problem,
        { ...simulation, ...window, begins: "full", seed: options.seed + 1, signal },
        crew,
        {
          first,
          perRun: timed
            ? (RIVALS_SHARE * left()) / (1 + Math.ceil(others.length / crew.size))
            : Infinity,
          left,
          spare: forServed && options.starts.length > 0,
        },
      );
      if (paced.first === undefined) return undefined;
      const rivals = [paced.first, ...(await paced.trial(others))];
      return { paced, window, rivals, perTrial: (ports.now() - begun) / rivals.length };
    };
    const short = await tryRivals(shortest);
    if (short === undefined) return outcome([], pool);
    const times =
      timed && !forServed ? timesLonger(shortest, short.perTrial, left() * crew.size) : 1;
    const tried = times === 1 ? short : ((await tryRivals(longer(shortest, times))) ?? short);
    const { rivals, window } = tried;
    const { hurried } = tried.paced;
    // What runs take changes with what else the machine does.
    let { perTrial } = tried;
    const trial: Trial = async (placements) => {
      const begun = ports.now();
      const all = await tried.paced.trial(placements);
      if (placements.length === PER_ROUND) perTrial = (ports.now() - begun) / PER_ROUND;
      return all;
    };
    if (aborted()) return outcome(rivals, pool);
    tell("goodput-refine", undefined);
    const refined = refinePool(problem, model, limits, pool, effort(REFINE_SHARE));
    const finalWindow = forServed ? noLongerThanTrials(LAST_WINDOW, window) : LAST_WINDOW;
    const finalCost = (LAST_RUN_COST * lengthOf(finalWindow)) / lengthOf(window);
    // In a hurry there is no time for long runs: the figures are then those of the trials.
    const startsAmong = (all: readonly JudgedPlacement[]): readonly ScoredPlacement[] =>
      forServed ? asTheyAre : withinReach(asTheyAre, all, limits);
    const lastRuns = FINALISTS + startsAmong(rivals).length;
    const kept = (): number => perTrial * (hurried ? PER_ROUND : lastRuns * finalCost);
    const enough = (): boolean => after(1 - RESERVED - kept() / options.timeLimitSeconds)();
    const judged = await evolve(
      {
        problem,
        model,
        seed: options.seed,
        trial,
        parents: (all) => pickParents(all, limits),
        enough: (rounds) =>
          timed
            ? (hurried || rounds > 0) && enough()
            : rounds > 0 && (aborted() || rounds >= ROUNDS),
        restless: timed,
        breathe,
      },
      refined,
      rivals,
    );
    if (aborted() || hurried) return outcome(judged, pool);
    const lastRun: TrialOptions = {
      ...simulation,
      ...finalWindow,
      begins: forServed ? "full" : "empty",
      signal,
    };
    const final = createTrial(problem, lastRun, crew);
    const count = timed && !after(LATE)() ? FINALISTS : FEWER_FINALISTS;
    const starts = startsAmong(judged).map(({ placement }) => placement);
    const picked = [...new Set([...pickFinalists(judged, limits, count), ...starts])];
    const next = rank(judged, limits).map(({ placement }) => placement);
    const time = { now: () => ports.now(), left: timed ? left : () => 0 };
    const finalists = await runFinalists(picked, next, final, crew.size, time);
    return outcome(finalists ?? judged, pool);
  } finally {
    halt.release();
    await crew.dismiss();
  }

  function outcome(
    judged: readonly JudgedPlacement[],
    [ranked]: readonly ScoredPlacement[],
  ): GoodputResult {
    const { warmStart } = options;
    const [best] = rank(judged, limits);
    // Where the simulator had no say, nothing speaks against the placement that is there already.
    const unjudged = (warmStart && scorePlacement(problem, model, limits, warmStart)) ?? ranked;
    if (best !== undefined) tell("goodput-simulate", best.report.flow);
    return {
      judged: best,
      ...(best === undefined && unjudged !== undefined ? { unjudged } : {}),
      oversteps: best === undefined ? 0 : oversteps(figuresOf(best), limits),
      upperBound: flow.upperBound,
      boundName: flow.boundName,
      termination: aborted() ? "interrupted" : timed ? "time-limit" : "iteration-limit",
      log: flow.log,
      versions: flow.versions,
    };
  }
}

import type { Placement } from "../../core/placement.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import type { SimulationCrew } from "../simulate/simulation-job.js";
import {
  createTrial,
  type JudgedPlacement,
  type Trial,
  type TrialOptions,
} from "./goodput-trials.js";

/** Trials that all measure alike, in the time that there is. */
export interface PacedTrials {
  readonly trial: Trial;
  /** What the first run says; absent when an interrupt came before it ended, or no time was left for it. */
  readonly first: JudgedPlacement | undefined;
  /** The window of every trial. */
  readonly warmupSeconds: number;
  readonly durationSeconds: number;
  /** The window wanted takes too long on this cluster: trials have a shorter one. */
  readonly hurried: boolean;
}

/** A run may take so many times what the first took, before it is cut short: others serve more. */
const SLACK = 2;
/** Seconds that any run may take: below it is cut before anything is served. With less left none begins. */
const LEAST_SECONDS = 1;

/**
 * Runs the first placement, which may take `perRun` seconds, to see how much of the window wanted can be
 * simulated in them; where not all of it, that much becomes the window of every trial, so that all are judged alike.
 * @param perRun seconds of wall clock; Infinity = no clock.
 * @param left seconds until the last run must have ended.
 * @param spare whether something was tried before, so that the first need not run whatever time is left.
 */
export async function paceTrials(
  problem: PlanningProblem,
  wanted: TrialOptions & { readonly warmupSeconds: number; readonly durationSeconds: number },
  crew: SimulationCrew,
  pace: {
    readonly first: Placement;
    readonly perRun: number;
    readonly left: () => number;
    readonly spare?: boolean;
  },
): Promise<PacedTrials> {
  const { warmupSeconds, durationSeconds } = wanted;
  const clocked = Number.isFinite(pace.perRun);
  const limited = (seconds: number, must = false): TrialOptions => {
    if (!clocked) return wanted;
    const within = (): number =>
      must || pace.left() >= LEAST_SECONDS
        ? Math.max(LEAST_SECONDS, Math.min(seconds, pace.left()))
        : 0;
    return { ...wanted, within };
  };
  const [first] = await createTrial(
    problem,
    limited(pace.perRun, pace.spare !== true),
    crew,
  )([pace.first]);
  const whole = createTrial(problem, limited(Infinity), crew);
  if (first?.report.result.cutShort !== true) {
    return { trial: whole, first, warmupSeconds, durationSeconds, hurried: false };
  }
  const { startSeconds, endSeconds } = first.report.result.window;
  const shorter = { warmupSeconds: startSeconds, durationSeconds: endSeconds - startSeconds };
  const options = { ...limited(SLACK * pace.perRun), ...shorter };
  return { trial: createTrial(problem, options, crew), first, ...shorter, hurried: true };
}

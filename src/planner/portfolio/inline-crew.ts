import type { Solver } from "../../math/lp/solver.js";
import type { Blackboard } from "./blackboard.js";
import type { PlanningProblem } from "../problem/problem.js";
import { runStrategy } from "./run-strategy.js";
import type { Continuation, Meeting } from "../problem/strategy.js";
import { findStrategy, type StrategyName } from "./strategies.js";
import type { Crew, TaskEvent } from "./search.js";

/**
 * Runs tasks one after another in this thread; the clock is looked at whenever a task asks. Between
 * tasks the event loop gets its turn, so an interrupt waits for the end of one task only.
 */
export function createInlineCrew(
  problem: PlanningProblem,
  board: Blackboard,
  solver: Solver,
  clock: TaskClock & Breath,
): Crew {
  const paused: PausedStrategies = new Map();
  return {
    size: 1,
    async run(task, isolated, onEvent) {
      await clock.breathe();
      return runTask(problem, board, solver, { task, isolated, paused }, clock, onEvent);
    },
    dismiss: async () => undefined,
  };
}

/** Lets whatever waits for this thread take its turn. */
export interface Breath {
  breathe(): Promise<void>;
}

/** Seconds on a clock that only goes forward, and when everything ends. */
export interface TaskClock {
  now(): number;
  readonly deadline: number;
}

/** How strategies of a thread go on that have had a turn there. */
export type PausedStrategies = Map<StrategyName, Continuation>;

/** An error in one line, for the placement file. */
export function describeFault(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function meet({ meeting }: Blackboard, isSecond: boolean): Meeting | undefined {
  return (
    meeting && {
      isSecond,
      tell: (values) => meeting.tell(isSecond, values),
      heard: () => meeting.told(!isSecond),
    }
  );
}

/**
 * One task in this thread. Better placements and bounds go to the blackboard unless isolated. An
 * error of the strategy is an event like others. A strategy that can goes on from its last turn in this thread;
 * isolated ones begin anew, as what they do must not depend on the thread.
 * @returns whether its own seconds cut it off.
 */
export function runTask(
  problem: PlanningProblem,
  board: Blackboard,
  solver: Solver,
  order: {
    readonly task: Parameters<Crew["run"]>[0];
    readonly isolated: boolean;
    readonly paused: PausedStrategies;
  },
  clock: TaskClock,
  onEvent: (event: TaskEvent) => void,
): boolean {
  const { task, isolated, paused } = order;
  const goOn = isolated ? undefined : paused.get(task.strategy);
  const end = task.seconds === undefined ? Infinity : clock.now() + task.seconds;
  const limited = Math.min(end, clock.deadline) < Infinity;
  let cut = false;
  const stopped = (): boolean => {
    if (board.stopped()) return true;
    if (!limited) return false;
    const now = clock.now();
    if (now >= end) cut = true;
    return cut || now >= clock.deadline;
  };
  try {
    const next = runStrategy(
      goOn === undefined ? findStrategy(task.strategy) : (_, context) => goOn(context),
      problem,
      { solver, seed: task.seed, iterations: task.iterations, isolated },
      {
        stopped,
        incumbent: () => board.incumbent(),
        upperBound: () => board.upperBound(),
        meeting: meet(board, task.isSecond === true),
      },
      {
        onPlacement: (placement, throughput) => {
          if (!isolated) board.post(placement, throughput);
          onEvent({ kind: "placement", placement, throughput });
        },
        onBound: (value, name) => {
          if (!isolated) board.postBound(value);
          onEvent({ kind: "bound", value, name });
        },
      },
    );
    if (next !== undefined) paused.set(task.strategy, next);
  } catch (error) {
    paused.delete(task.strategy);
    // What was found so far stays: one strategy's fault is not the end of the others.
    onEvent({ kind: "failed", reason: describeFault(error) });
    return false;
  }
  return cut && !board.stopped();
}

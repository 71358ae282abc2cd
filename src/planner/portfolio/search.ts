import { truncatedSumBound } from "../coverings/compute-bounds.js";
import type { Solver, SolverName } from "../../math/lp/solver.js";
import { groupMachines } from "../problem/machine-classes.js";
import type { Placement } from "../../core/placement.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { createBlackboard, type Blackboard } from "./blackboard.js";
import { allocateBlackboard, type SharedBlackboard } from "./shared-blackboard.js";
import type { PlanningProblem } from "../problem/problem.js";
import { listPhases, takeTurns, type Schedule, type SearchTask } from "./schedule.js";
import { watchProcessor } from "./processor-share.js";
import { runOwed } from "./run-owed.js";
import { createSearchState, type SearchState } from "./search-state.js";
import { startInTime } from "./start-in-time.js";
import { mostOf, sliceOf, type StrategyName } from "./strategies.js";
import type { Incumbent } from "../problem/strategy.js";
import { createInlineCrew, type Breath } from "./inline-crew.js";

export interface SearchOptions {
  readonly schedule: Schedule;
  readonly timeLimitSeconds: number;
  readonly iterationLimit: number | undefined;
  readonly gap: number;
  readonly seed: number;
  readonly solver: SolverName;
  readonly threads: number;
  readonly warmStart: Placement | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: SearchProgress) => void) | undefined;
}

/** A better placement, a better bound, or the start of a strategy. */
export interface SearchProgress {
  readonly seconds: number;
  readonly strategy: string;
  readonly event: "started" | "incumbent" | "bound" | "failed" | "ignored-warm-start" | "served";
  readonly throughput: number | undefined;
  /** Decode tokens/s of the best plan tried so far, where plans are tried in the simulator; bound and gap are of them. */
  readonly served?: number;
  readonly upperBound: number;
  readonly gap: number;
}

/** What happens inside a running task, in the order it happens. */
export type TaskEvent =
  | { readonly kind: "placement"; readonly placement: Placement; readonly throughput: number }
  | { readonly kind: "bound"; readonly value: number; readonly name: string }
  /** The task broke off with an error; the crew goes on. */
  | { readonly kind: "failed"; readonly reason: string };

/** Who runs tasks: this thread or worker threads. */
export interface Crew {
  /** How many tasks run at once. */
  readonly size: number;
  /**
   * Runs one task to its end. `isolated` tasks see only the blackboard as it is at their start.
   * What breaks a task off is told as an event; rejects only when no task can run at all.
   * @returns whether the task's own seconds cut it off.
   */
  run(task: SearchTask, isolated: boolean, onEvent: (event: TaskEvent) => void): Promise<boolean>;
  /** Ends everything at once; running tasks are given up. */
  dismiss(): Promise<void>;
}

export interface SearchPorts extends Breath {
  /** Seconds on a clock that only goes forward. */
  now(): number;
  loadSolver(name: SolverName): Promise<Solver>;
  /** Absent = everything runs in the calling thread. */
  readonly startWorkers?: (
    problem: PlanningProblem,
    board: SharedBlackboard,
    options: { readonly threads: number; readonly solver: SolverName },
  ) => Promise<Crew>;
  /** Calls back once after that many seconds; returns how to cancel. */
  schedule(seconds: number, action: () => void): () => void;
  /** Seconds of processor time that the program has had so far, all threads together. */
  processorSeconds?(): number;
}

export interface SearchResult {
  readonly incumbent: Incumbent | undefined;
  readonly upperBound: number;
  readonly boundName: string;
  readonly termination: PlacementFile["termination"];
  readonly log: PlacementFile["solve"]["strategies"];
  readonly versions: Readonly<Record<string, string>>;
  /** Processor time per second and thread, where the clock ended a search that got much less than 1. */
  readonly processorShare?: number;
}

/**
 * Runs the schedule on a crew until gap, limit or interrupt. With an iteration limit, tasks of a
 * phase start from the same knowledge and their results are merged in task order, so the outcome
 * does not depend on threads or the clock; otherwise everything is shared at once. In neither case does
 * what is done depend on the limit, only how much of it, so a larger limit never gives a worse result.
 * The starts are tried even when the time is over before their turn came.
 */
export async function search(
  problem: PlanningProblem,
  options: SearchOptions,
  ports: SearchPorts,
): Promise<SearchResult> {
  const started = ports.now();
  const { board, start } = prepareCrew(problem, options, ports);
  const state = createSearchState(board, options, () => ports.now() - started);
  offerFirstBound(problem, state);
  if (options.warmStart !== undefined) state.acceptWarmStart(problem, options.warmStart);

  let termination: PlacementFile["termination"] | undefined;
  const end = (reason: PlacementFile["termination"]): void => {
    termination ??= reason;
    board.stop();
  };
  const solver = await ports.loadSolver(options.solver);
  const remaining = options.timeLimitSeconds - (ports.now() - started);
  const deadline = started + options.timeLimitSeconds;
  const owed = new Set(options.schedule.starts);
  const crew = await startInTime(start(solver, deadline), remaining, ports);
  // A timer may ring a moment before the clock reads its time, so a crew of nobody is the end by itself.
  if (crew.size === 0 || ports.now() >= deadline) end("time-limit");
  const share = watchProcessor(ports, crew.size);
  let giveUp = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (giveUp = resolve));
  const onAbort = (): void => {
    end("interrupted");
    giveUp();
  };
  if (options.signal?.aborted === true) onAbort();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const cancelTimer = Number.isFinite(remaining)
    ? ports.schedule(Math.max(0, remaining), () => {
        end("time-limit");
        giveUp();
      })
    : (): void => undefined;
  try {
    const isolated = options.iterationLimit !== undefined;
    const finished = (): boolean => {
      if ((isolated || owed.size === 0) && state.gapReached()) end("gap");
      if (ports.now() >= deadline) end("time-limit");
      return termination !== undefined;
    };
    const run = isolated ? runIsolated : runShared;
    const work = run(options, crew, state, owed, finished);
    const over = work.then(
      () => termination ?? end(exhausted(options)),
      (error: unknown) => {
        // No task can run any more: what was found until then stands.
        if (!state.keep(error)) throw error;
        end(exhausted(options));
      },
    );
    await Promise.race([over, stopped]);
    // Tasks still running see the stop sign; whoever does not look up in time is left behind.
    await Promise.race([over, wait(ports, GRACE_SECONDS)]);
  } finally {
    cancelTimer();
    options.signal?.removeEventListener("abort", onAbort);
    await crew.dismiss();
  }
  // With an iteration limit the file is a function of the inputs, whatever else the machine did.
  const clocked = termination === "time-limit" && options.iterationLimit === undefined;
  const processorShare = clocked ? share() : undefined;
  if (termination === "time-limit")
    runOwed(problem, owed, { solver, deadline, options, ports, state });
  const versions = { [solver.name]: solver.version };
  const result = state.result(termination ?? exhausted(options), versions);
  return processorShare === undefined ? result : { ...result, processorShare };
}

const GRACE_SECONDS = 0.3;

/** Workers with the memory they share, or this thread with a blackboard of its own. */
function prepareCrew(
  problem: PlanningProblem,
  options: SearchOptions,
  ports: SearchPorts,
): { board: Blackboard; start: (solver: Solver, deadline: number) => Promise<Crew> } {
  const { startWorkers } = ports;
  if (options.threads === 0 || startWorkers === undefined) {
    const board = createBlackboard();
    const clock = { now: () => ports.now(), breathe: () => ports.breathe() };
    return {
      board,
      start: async (solver, deadline) =>
        createInlineCrew(problem, board, solver, { ...clock, deadline }),
    };
  }
  const board = allocateBlackboard(problem.cluster.nodes.length);
  return { board, start: () => startWorkers(problem, board, options) };
}

/** A bound that takes no time, so that there is one however early the search ends. */
function offerFirstBound({ cluster, constraints }: PlanningProblem, state: SearchState): void {
  const value = truncatedSumBound(groupMachines(cluster, constraints), cluster.model.layers);
  state.accept("compute-bounds", { kind: "bound", value, name: "truncated compute sum" });
}

function wait(ports: SearchPorts, seconds: number): Promise<void> {
  return new Promise((resolve) => ports.schedule(seconds, resolve));
}

function exhausted(options: SearchOptions): PlacementFile["termination"] {
  return options.iterationLimit === undefined ? "exhausted" : "iteration-limit";
}

async function runShared(
  options: SearchOptions,
  crew: Crew,
  state: SearchState,
  owed: Set<StrategyName>,
  over: () => boolean,
): Promise<void> {
  const { schedule, seed } = options;
  const turns = takeTurns(schedule, seed, sliceOf);
  const lane = async (): Promise<void> => {
    while (!over()) {
      const task = turns.next();
      if (task === undefined) return;
      state.noteStart(task.strategy);
      const cut = await crew.run(task, false, (event) => {
        state.accept(task.strategy, event);
        if (event.kind === "failed") turns.giveUp(task.strategy);
        over();
      });
      // What the end cut short is still owed.
      if (!over()) owed.delete(task.strategy);
      turns.end(task, cut);
    }
  };
  await Promise.all(Array.from({ length: crew.size }, lane));
}

async function runIsolated(
  options: SearchOptions,
  crew: Crew,
  state: SearchState,
  owed: Set<StrategyName>,
  finished: () => boolean,
): Promise<void> {
  for (const tasks of listPhases(options.schedule, options.seed, options.iterationLimit!, mostOf)) {
    if (finished()) return;
    const results: TaskEvent[][] = tasks.map(() => []);
    let position = 0;
    const lane = async (): Promise<void> => {
      while (position < tasks.length) {
        const index = position++;
        state.noteStart(tasks[index]!.strategy);
        await crew.run(tasks[index]!, true, (event) => results[index]!.push(event));
      }
    };
    await Promise.all(Array.from({ length: crew.size }, lane));
    results.forEach((events, index) => {
      for (const event of events) state.accept(tasks[index]!.strategy, event);
    });
    if (!finished()) owed.clear();
  }
  finished();
}

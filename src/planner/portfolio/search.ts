import { truncatedSumBound } from "../coverings/compute-bounds.js";
import type { Solver, SolverName } from "../../math/lp/solver.js";
import { groupMachines } from "../problem/machine-classes.js";
import type { Placement } from "../../core/placement.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { createBlackboard, type Blackboard } from "./blackboard.js";
import { allocateBlackboard, type SharedBlackboard } from "./shared-blackboard.js";
import { measureThroughput } from "../problem/measure-throughput.js";
import type { PlanningProblem } from "../problem/problem.js";
import { listPhases, takeTurns, type Schedule, type SearchTask } from "./schedule.js";
import { mostOf, sliceOf, type StrategyName } from "./strategies.js";
import type { Incumbent } from "../problem/strategy.js";
import { RELATIVE_TOLERANCE } from "../../core/tolerance.js";
import { createInlineCrew, describeFault, type Breath } from "./inline-crew.js";

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
  readonly event: "started" | "incumbent" | "bound" | "failed" | "ignored-warm-start";
  readonly throughput: number | undefined;
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
}

export interface SearchResult {
  readonly incumbent: Incumbent | undefined;
  readonly upperBound: number;
  readonly boundName: string;
  readonly termination: PlacementFile["termination"];
  readonly log: PlacementFile["solve"]["strategies"];
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Runs the schedule on a crew until gap, limit or interrupt. With an iteration limit, tasks of a
 * phase start from the same knowledge and their results are merged in task order, so the outcome
 * does not depend on threads or the clock; otherwise everything is shared at once. In neither case does
 * what is done depend on the limit, only how much of it, so a larger limit never gives a worse result.
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
  const crew = await start(solver, deadline);
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
    const work =
      options.iterationLimit === undefined
        ? runShared(options, crew, state, (startsDone) => {
            if (startsDone && state.gapReached()) end("gap");
            if (ports.now() >= deadline) end("time-limit");
            return termination !== undefined;
          })
        : runIsolated(options, options.iterationLimit, crew, state, () => {
            if (state.gapReached()) end("gap");
            if (ports.now() >= deadline) end("time-limit");
            return termination !== undefined;
          });
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
  return state.result(termination ?? exhausted(options), { [solver.name]: solver.version });
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
  finished: (startsDone: boolean) => boolean,
): Promise<void> {
  const { schedule, seed } = options;
  const turns = takeTurns(schedule, seed, sliceOf);
  const owed = new Set(schedule.starts);
  const over = (): boolean => finished(owed.size === 0);
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
      owed.delete(task.strategy);
      if (cut) turns.requeue(task);
    }
  };
  await Promise.all(Array.from({ length: crew.size }, lane));
}

async function runIsolated(
  options: SearchOptions,
  limit: number,
  crew: Crew,
  state: SearchState,
  finished: () => boolean,
): Promise<void> {
  for (const tasks of listPhases(options.schedule, options.seed, limit, mostOf)) {
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
  }
  finished();
}

interface SearchState {
  acceptWarmStart(problem: PlanningProblem, placement: Placement): void;
  noteStart(strategy: StrategyName): void;
  accept(strategy: StrategyName, event: TaskEvent): void;
  /** Notes that the whole search broke off. @returns whether there is something to keep. */
  keep(error: unknown): boolean;
  gapReached(): boolean;
  result(
    termination: PlacementFile["termination"],
    versions: Readonly<Record<string, string>>,
  ): SearchResult;
}

function createSearchState(
  board: Blackboard,
  options: SearchOptions,
  elapsed: () => number,
): SearchState {
  let incumbent: Incumbent | undefined;
  let upperBound = Infinity;
  let boundName = "none";
  const log: PlacementFile["solve"]["strategies"] = [];
  const gap = (): number =>
    incumbent === undefined || upperBound === Infinity
      ? 1
      : Math.max(0, (upperBound - incumbent.throughput) / upperBound);
  const tell = (strategy: string, event: SearchProgress["event"]): void => {
    options.onProgress?.({
      seconds: elapsed(),
      strategy,
      event,
      throughput: incumbent?.throughput,
      upperBound,
      gap: gap(),
    });
  };
  const acceptPlacement = (strategy: string, placement: Placement, throughput: number): void => {
    if (throughput <= (incumbent?.throughput ?? 0)) return;
    incumbent = { placement, throughput };
    board.post(placement, throughput);
    log.push({ strategy, throughput, seconds: elapsed() });
    tell(strategy, "incumbent");
  };
  const acceptFailure = (strategy: string, reason: string): void => {
    if (log.some((entry) => entry.strategy === strategy && entry.failed === reason)) return;
    log.push({ strategy, failed: reason, seconds: elapsed() });
    tell(strategy, "failed");
  };
  return {
    acceptWarmStart(problem, placement) {
      const throughput = measureThroughput(problem, placement);
      if (throughput > 0) acceptPlacement("warm-start", placement, throughput);
      else tell("warm-start", "ignored-warm-start");
    },
    noteStart: (strategy) => tell(strategy, "started"),
    accept(strategy, event) {
      if (event.kind === "placement") {
        acceptPlacement(strategy, event.placement, event.throughput);
      } else if (event.kind === "failed") {
        acceptFailure(strategy, event.reason);
      } else if (event.value < upperBound) {
        upperBound = event.value;
        boundName = event.name;
        board.postBound(event.value);
        log.push({ strategy, bound: event.value, seconds: elapsed() });
        tell(strategy, "bound");
      }
    },
    keep(error) {
      if (incumbent === undefined) return false;
      acceptFailure("search", describeFault(error));
      return true;
    },
    gapReached: () => gap() <= Math.max(options.gap, RELATIVE_TOLERANCE * 1e-3),
    result: (termination, versions) => ({
      incumbent,
      upperBound,
      boundName,
      termination,
      log,
      versions,
    }),
  };
}

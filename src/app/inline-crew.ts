import type { Solver } from "../lp/solver.js";
import type { Blackboard } from "../search/blackboard.js";
import type { PlanningProblem } from "../search/problem.js";
import { runStrategy } from "../search/run-strategy.js";
import { findStrategy } from "../search/strategies.js";
import type { Crew, TaskEvent } from "./search.js";

/** Runs tasks one after another in this thread; the clock is looked at whenever a task asks. */
export function createInlineCrew(
  problem: PlanningProblem,
  board: Blackboard,
  solver: Solver,
  outOfTime: () => boolean,
): Crew {
  return {
    size: 1,
    run: async (task, isolated, onEvent) => {
      runTask(problem, board, solver, { task, isolated }, outOfTime, onEvent);
    },
    dismiss: async () => undefined,
  };
}

/** One task in this thread. Better placements and bounds go to the blackboard unless isolated. */
export function runTask(
  problem: PlanningProblem,
  board: Blackboard,
  solver: Solver,
  order: { readonly task: Parameters<Crew["run"]>[0]; readonly isolated: boolean },
  outOfTime: () => boolean,
  onEvent: (event: TaskEvent) => void,
): void {
  const { task, isolated } = order;
  runStrategy(
    findStrategy(task.strategy),
    problem,
    { solver, seed: task.seed, iterations: task.iterations, isolated },
    {
      stopped: () => board.stopped() || outOfTime(),
      incumbent: () => board.incumbent(),
      upperBound: () => board.upperBound(),
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
}

import { parentPort, workerData } from "node:worker_threads";
import type { SolverName } from "../math/lp/solver.js";
import { openBlackboard } from "../planner/portfolio/blackboard.js";
import type { PlanningProblem } from "../planner/problem/problem.js";
import type { SearchTask } from "../planner/portfolio/schedule.js";
import { loadSolver } from "../math/solver/load-solver.js";
import { runTask } from "../planner/portfolio/inline-crew.js";
import { readClock } from "./node-ports.js";
import type { TaskEvent } from "../planner/portfolio/search.js";

/** What a worker is started with. */
export interface WorkerSetup {
  readonly problem: PlanningProblem;
  readonly buffer: SharedArrayBuffer;
  readonly solver: SolverName;
}

/** Main thread → worker. */
export interface WorkerOrder {
  readonly task: SearchTask;
  readonly isolated: boolean;
}

/** Worker → main thread. */
export type WorkerReport =
  | { readonly kind: "ready" }
  | { readonly kind: "event"; readonly event: TaskEvent }
  | { readonly kind: "done"; readonly cut: boolean };

const { problem, buffer, solver: solverName } = workerData as WorkerSetup;
const port = parentPort!;
const board = openBlackboard(buffer);
const solver = await loadSolver(solverName);
const report = (message: WorkerReport): void => port.postMessage(message);

port.on("message", (order: WorkerOrder) => {
  const cut = runTask(
    problem,
    board,
    solver,
    order,
    { now: readClock, deadline: Infinity },
    (event) => report({ kind: "event", event }),
  );
  report({ kind: "done", cut });
});
report({ kind: "ready" });

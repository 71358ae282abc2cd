import { workerData } from "node:worker_threads";
import type { SolverName } from "../math/lp/solver.js";
import { loadSolver } from "../math/solver/load-solver.js";
import { runTask, type PausedStrategies } from "../planner/portfolio/inline-crew.js";
import type { SearchTask } from "../planner/portfolio/schedule.js";
import type { TaskEvent } from "../planner/portfolio/search.js";
import { openBlackboard } from "../planner/portfolio/shared-blackboard.js";
import type { PlanningProblem } from "../planner/problem/problem.js";
import { readClock } from "./node-ports.js";
import { serveOrders } from "./serve-orders.js";

/** What a worker is started with. */
export interface SearchSetup {
  readonly problem: PlanningProblem;
  readonly buffer: SharedArrayBuffer;
  readonly solver: SolverName;
}

/** One task; the answer says whether its own seconds cut it off. */
export interface SearchOrder {
  readonly task: SearchTask;
  readonly isolated: boolean;
}

const { problem, buffer, solver: solverName } = workerData as SearchSetup;
const board = openBlackboard(buffer);
const solver = await loadSolver(solverName);
const paused: PausedStrategies = new Map();
const clock = { now: readClock, deadline: Infinity };

serveOrders((order: SearchOrder, tell: (event: TaskEvent) => void = () => undefined): boolean =>
  runTask(problem, board, solver, { ...order, paused }, clock, tell),
);

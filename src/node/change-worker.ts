import { workerData } from "node:worker_threads";
import { loadSolver } from "../math/solver/load-solver.js";
import {
  proveJob,
  runChangeJob,
  type ChangeFound,
  type ChangeJob,
} from "../planner/change/change-job.js";
import type { LeastBytes } from "../planner/change/find-least.js";
import { openChangeBoard } from "./change-board.js";
import { readClock } from "./node-ports.js";
import { serveOrders } from "./serve-orders.js";

/** The search itself, or the proof beside it, which is only heard by its events. */
export interface ChangeOrder {
  readonly job: ChangeJob;
  readonly role: "find" | "prove";
}

const board = openChangeBoard(workerData as SharedArrayBuffer);

/** Events are better placements and higher bounds. */
serveOrders(
  async (
    { job, role }: ChangeOrder,
    tell: ((best: LeastBytes) => void) | undefined,
  ): Promise<ChangeFound | undefined> => {
    const run = {
      solver: await loadSolver(job.solver),
      now: readClock,
      shouldStop: board.stopped,
      board,
      ...(tell === undefined ? {} : { onBetter: tell }),
    };
    if (role === "find") return runChangeJob(job, run);
    proveJob(job, run);
    return undefined;
  },
);

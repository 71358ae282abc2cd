import { workerData } from "node:worker_threads";
import { loadSolver } from "../math/solver/load-solver.js";
import { runChangeJob, type ChangeFound, type ChangeJob } from "../planner/change/change-job.js";
import type { LeastBytes } from "../planner/change/find-least.js";
import { readClock } from "./node-ports.js";
import { serveOrders } from "./serve-orders.js";

/** Its first number is not 0 when the search shall end. */
const stop = new Int32Array(workerData as SharedArrayBuffer);

/** Events are better placements. */
serveOrders(
  async (job: ChangeJob, tell: ((best: LeastBytes) => void) | undefined): Promise<ChangeFound> =>
    runChangeJob(job, {
      solver: await loadSolver(job.solver),
      now: readClock,
      shouldStop: () => Atomics.load(stop, 0) !== 0,
      ...(tell === undefined ? {} : { onBetter: tell }),
    }),
);

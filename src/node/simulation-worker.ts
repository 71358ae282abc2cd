import type { SimulationJob, SimulationProgress } from "../serving/simulate/simulation-job.js";
import { runSimulationJob } from "../serving/simulate/simulation-job.js";
import { serveOrders } from "./serve-orders.js";

const now = (): number => performance.now() / 1000;

/** Events are the seconds simulated so far. */
serveOrders((job: SimulationJob, tell: SimulationProgress | undefined) =>
  runSimulationJob(job, tell, now),
);

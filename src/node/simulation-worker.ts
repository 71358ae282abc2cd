import { runSimulationJob } from "../serving/simulate/simulation-job.js";
import { serveOrders } from "./serve-orders.js";

/** Events are the seconds simulated so far. */
serveOrders(runSimulationJob);

import { planScenario, type PlannedScenario, type ScenarioJob } from "../market/scenario.js";
import { createNodePorts } from "./node-ports.js";
import { serveOrders } from "./serve-orders.js";

const ports = createNodePorts();

serveOrders((job: ScenarioJob): Promise<PlannedScenario> => planScenario(job, ports));

import { parentPort } from "node:worker_threads";
import { InputError } from "../core/errors.js";
import { createNodePorts } from "./node-ports.js";
import type { ScenarioReply } from "./scenario-crew.js";
import { planScenario, type ScenarioJob } from "../market/scenario.js";

const ports = createNodePorts();
const port = parentPort!;

async function answer(job: ScenarioJob): Promise<ScenarioReply> {
  try {
    return { kind: "planned", planned: await planScenario(job, ports) };
  } catch (error) {
    if (error instanceof InputError) {
      return { kind: "input", source: error.source, problems: error.problems };
    }
    return { kind: "failed", message: String((error as Error).stack ?? error) };
  }
}

port.on("message", (job: ScenarioJob) => {
  void answer(job).then((reply) => port.postMessage(reply));
});

import { parentPort, workerData } from "node:worker_threads";
import { InputError } from "../core/errors.js";
import type { SimulationOrder, SimulationReply } from "./simulation-crew.js";
import { runSimulationJob } from "../serving/simulate/simulation-job.js";

const { job, tells } = workerData as SimulationOrder;

function reply(message: SimulationReply): void {
  parentPort!.postMessage(message);
}

function answer(): SimulationReply {
  const tell = (simulatedSeconds: number): void => reply({ kind: "progress", simulatedSeconds });
  try {
    return { kind: "done", outcome: runSimulationJob(job, tells ? tell : undefined) };
  } catch (error) {
    if (error instanceof InputError) {
      return { kind: "input", source: error.source, problems: error.problems };
    }
    return { kind: "failed", message: String((error as Error).stack ?? error) };
  }
}

reply(answer());

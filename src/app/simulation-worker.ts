import { parentPort, workerData } from "node:worker_threads";
import { InputError } from "../errors.js";
import type { SimulationJob } from "./compare.js";
import { simulatePlacement } from "./simulate.js";
import type { SimulationReply } from "./simulation-crew.js";

const { cluster, placement, options } = workerData as SimulationJob;

function answer(): SimulationReply {
  try {
    return { kind: "done", report: simulatePlacement(cluster, placement, options) };
  } catch (error) {
    if (error instanceof InputError) {
      return { kind: "input", source: error.source, problems: error.problems };
    }
    return { kind: "failed", message: String((error as Error).stack ?? error) };
  }
}

parentPort!.postMessage(answer());

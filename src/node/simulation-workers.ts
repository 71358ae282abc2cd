import type {
  SimulationCrew,
  SimulationJob,
  SimulationOutcome,
} from "../serving/simulate/simulation-job.js";
import { createThreadCrew } from "./thread-crew.js";

/** Runs simulations in worker threads, one thread per run: nothing is left of a run that has ended. */
export function createSimulationWorkers(threads: number): SimulationCrew {
  const crew = createThreadCrew<SimulationJob, number, SimulationOutcome>({
    script: new URL("./simulation-worker.js", import.meta.url),
    stays: false,
  });
  return {
    size: threads,
    run: (job, onProgress) => crew.run(job, { onEvent: onProgress }),
    dismiss: () => crew.dismiss(),
  };
}

import { runSimulationJob, type SimulationCrew } from "./simulation-job.js";

/** Runs simulations one after another in this thread; it cannot be interrupted. */
export function createInlineSimulationCrew(): SimulationCrew {
  return {
    size: 1,
    run: (job, onProgress) => Promise.resolve().then(() => runSimulationJob(job, onProgress)),
    dismiss: () => Promise.resolve(),
  };
}

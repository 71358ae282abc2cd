import { runSimulationJob, type SimulationCrew } from "./simulation-job.js";

/**
 * Runs simulations one after another in this thread; it cannot be interrupted.
 * @param now seconds of a clock.
 */
export function createInlineSimulationCrew(now: () => number): SimulationCrew {
  return {
    size: 1,
    run: (job, onProgress) => Promise.resolve().then(() => runSimulationJob(job, onProgress, now)),
    dismiss: () => Promise.resolve(),
  };
}

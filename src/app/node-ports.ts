import { loadSolver } from "../solver/load-solver.js";
import type { SearchPorts } from "./search.js";
import { startWorkerCrew } from "./worker-crew.js";

/** Seconds on a clock that only goes forward. */
export const readClock = (): number => performance.now() / 1000;

/** The clock, timers, solver loader and worker threads of Node. */
export function createNodePorts(): SearchPorts {
  return {
    now: readClock,
    loadSolver,
    startWorkers: startWorkerCrew,
    schedule: (seconds, action) => {
      const timer = setTimeout(action, seconds * 1000);
      return () => clearTimeout(timer);
    },
  };
}

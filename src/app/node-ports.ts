import { loadSolver } from "../solver/load-solver.js";
import type { SearchPorts } from "./search.js";
import { startWorkerCrew } from "./worker-crew.js";

/** The clock, timers, solver loader and worker threads of Node. */
export function createNodePorts(): SearchPorts {
  return {
    now: () => performance.now() / 1000,
    loadSolver,
    startWorkers: startWorkerCrew,
    schedule: (seconds, action) => {
      const timer = setTimeout(action, seconds * 1000);
      return () => clearTimeout(timer);
    },
  };
}

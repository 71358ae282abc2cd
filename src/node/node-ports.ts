import { setImmediate } from "node:timers/promises";
import { loadSolver } from "../math/solver/load-solver.js";
import type { ReplanPorts } from "../serving/plan/find-change.js";
import { runChange } from "./change-workers.js";
import { createSimulationWorkers } from "./simulation-workers.js";
import { startSearchWorkers } from "./search-workers.js";

/** Seconds on a clock that only goes forward. */
export const readClock = (): number => performance.now() / 1000;

/** More does not fit into a timer, which would end at once. */
const MOST_MILLISECONDS = 2 ** 31 - 1;

/** The clock, timers, solver loader and worker threads of Node. */
export function createNodePorts(): ReplanPorts {
  return {
    now: readClock,
    breathe: () => setImmediate(),
    loadSolver,
    startWorkers: startSearchWorkers,
    processorSeconds: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    runChange,
    startSimulations: createSimulationWorkers,
    schedule: (seconds, action) => {
      const timer = setTimeout(action, Math.min(seconds * 1000, MOST_MILLISECONDS));
      return () => clearTimeout(timer);
    },
  };
}

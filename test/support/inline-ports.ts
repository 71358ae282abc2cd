import type { SearchPorts } from "../../src/planner/portfolio/search.js";
import { loadSolver } from "../../src/math/solver/load-solver.js";

/** Ports without worker threads: they need the built files. */
export function createInlinePorts(): SearchPorts {
  return {
    now: () => performance.now() / 1000,
    loadSolver,
    breathe: () => new Promise((resolve) => void setImmediate(resolve)),
    schedule: (seconds, action) => {
      const timer = setTimeout(action, seconds * 1000);
      return () => clearTimeout(timer);
    },
  };
}

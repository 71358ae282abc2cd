import { SolverError } from "../core/errors.js";
import { loadHighsSolver } from "../math/solver/highs.js";
import type { GoodputPorts } from "../serving/served/goodput-options.js";

/** What a page says about where it runs. */
export interface BrowserOptions {
  /** Address of HiGHS's WebAssembly (`highs/runtime` of the package highs), served with the page. */
  readonly solverWasm: string;
}

/**
 * The clock, timers and solver of a page or a web worker. Everything runs in the calling thread, so a
 * page plans in a worker of its own; no shared memory and no special headers are needed.
 */
export function createBrowserPorts({ solverWasm }: BrowserOptions): GoodputPorts {
  const schedule: GoodputPorts["schedule"] = (seconds, action) => {
    const timer = setTimeout(action, seconds * 1000);
    return () => clearTimeout(timer);
  };
  return {
    now: () => performance.now() / 1000,
    schedule,
    breathe: () => new Promise((resolve) => void schedule(0, resolve)),
    async loadSolver(name) {
      if (name === "highs") return loadHighsSolver(() => solverWasm);
      throw new SolverError("A page has HiGHS alone. Plan with the solver highs.");
    },
  };
}

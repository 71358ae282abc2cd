import { setFlagsFromString } from "node:v8";
import type { PlannedScenario, ScenarioJob } from "../market/scenario.js";
import type { ScenarioCrew } from "../market/scenario-crew.js";
import { createThreadCrew } from "./thread-crew.js";

/**
 * Every thread compiles for itself, in helper threads that take cores from the others. Less of it with four
 * times V8's own bytes of bytecode that a function runs before it is optimised, and with garbage
 * collected at four times what lived: every full collection drops optimised code of closures that are not
 * there just then. For the whole process, from then on. See docs/decisions/0062-cost-of-sweeps.md.
 */
const LESS_COMPILING = [`--interrupt-budget=${4 * 132 * 1024}`, "--heap-growing-percent=300"];

/** Plans scenarios in worker threads that stay, each with a solver of its own. */
export function createScenarioWorkers(threads: number): ScenarioCrew {
  LESS_COMPILING.forEach(setFlagsFromString);
  const crew = createThreadCrew<ScenarioJob, never, PlannedScenario>({
    script: new URL("./scenario-worker.js", import.meta.url),
    stays: true,
  });
  return { size: threads, run: (job) => crew.run(job), dismiss: () => crew.dismiss() };
}

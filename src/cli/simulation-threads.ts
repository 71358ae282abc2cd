import { createSimulationWorkers } from "../node/simulation-workers.js";
import { createInlineSimulationCrew } from "../serving/simulate/inline-simulations.js";
import type { SimulationCrew } from "../serving/simulate/simulation-job.js";
import { EXIT, type CommandContext } from "./terminal.js";

/** Who runs simulations: that many threads, or with 0 this one, which no interrupt reaches meanwhile. */
export function startSimulations(threads: number): SimulationCrew {
  return threads === 0
    ? createInlineSimulationCrew(() => performance.now() / 1000)
    : createSimulationWorkers(threads);
}

/**
 * Does work that rests on a crew. The first interrupt gives the crew's runs up and ends the command
 * with exit code 130; what the work would have written after them is not written.
 */
export async function untilInterrupted(
  { terminal, exit }: CommandContext,
  crew: SimulationCrew,
  work: () => Promise<void>,
): Promise<void> {
  const { signal } = terminal;
  const stop = (): void => void crew.dismiss();
  signal.addEventListener("abort", stop);
  try {
    signal.throwIfAborted(); // while the input was read
    await work();
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.err("Interrupted.\n");
    exit(EXIT.interrupted);
  } finally {
    signal.removeEventListener("abort", stop);
    await crew.dismiss();
  }
}

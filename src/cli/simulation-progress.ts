import type { SimulationProgress } from "../serving/simulate/simulation-job.js";
import type { ProgressStyle } from "./progress.js";
import type { Terminal } from "./terminal.js";

/** Simulated time on standard error: one live line on a terminal, one JSON object per line for programs. */
export function createSimulationProgress(
  terminal: Terminal,
  style: ProgressStyle = terminal.interactive ? "text" : "none",
): { readonly tell?: SimulationProgress; readonly finish: () => void } {
  const silent = { finish: () => undefined };
  if (style === "none") return silent;
  if (style === "json") {
    const tell: SimulationProgress = (simulatedSeconds) =>
      terminal.err(`${JSON.stringify({ simulatedSeconds })}\n`);
    return { ...silent, tell };
  }
  const clear = (): void => {
    if (terminal.interactive) terminal.clearLine?.();
  };
  return {
    tell: (seconds) => {
      clear();
      terminal.err(`simulated ${Math.round(seconds)} s${terminal.interactive ? "" : "\n"}`);
    },
    finish: clear,
  };
}

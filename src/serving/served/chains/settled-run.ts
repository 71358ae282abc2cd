import type { Cluster } from "../../../core/cluster.js";
import type { Placement } from "../../../core/placement.js";
import { decodeShare } from "../bound-served.js";
import type { SimulationResult } from "../../simulate/result.js";
import { simulatePlacement, type SimulateOptions } from "../../simulate/simulate-placement.js";
import type { SimulationObserver } from "../../simulate/simulation-input.js";
import type { TrialWindow } from "./trial-window.js";

/** Of the prompts that belong to what is decoded, so large a share shows that a run has settled. */
const SETTLED = 0.8;
/** Runs of a placement, each warmed up for twice as long as the whole of the one before. */
const MOST_RUNS = 3;

/** What a run shows once it has settled, and how many seconds were simulated for it. */
export interface SettledRun {
  readonly result: SimulationResult;
  readonly simulatedSeconds: number;
}

/**
 * A run at full load that begins full, where nodes form batches of their own: those decode first, and prompts of the requests
 * that follow wait. A window that ends before they come shows decodes alone, a fifth more than is served; it is moved
 * back then.
 */
export function runSettled(
  cluster: Cluster,
  placement: Placement,
  options: SimulateOptions & TrialWindow,
  observer?: SimulationObserver,
): SettledRun {
  const share = decodeShare(cluster);
  let { warmupSeconds } = options;
  let simulatedSeconds = 0;
  for (let run = 1; ; run += 1) {
    const { result } = simulatePlacement(
      cluster,
      placement,
      { ...options, warmupSeconds },
      observer,
    );
    simulatedSeconds += result.window.endSeconds;
    const prompts = (result.decodeTokensPerSecond * (1 - share)) / share;
    const settled = result.promptTokensPerSecond >= SETTLED * prompts;
    if (settled || run === MOST_RUNS || result.cutShort === true)
      return { result, simulatedSeconds };
    warmupSeconds = 2 * (warmupSeconds + options.durationSeconds);
  }
}

import { machineOf, type Cluster } from "../../../core/cluster.js";
import { kvTokensOfLayers, rateOfLayers } from "../../../core/interval-capacity.js";
import type { ChainBatching } from "../../../engines/engine.js";
import type { PlannedChain } from "./chain-layers.js";

/** When a run begins to count, and for how long it does. */
export interface TrialWindow {
  readonly warmupSeconds: number;
  readonly durationSeconds: number;
}

/** How long a run is: in times that a request stays, and in seconds at most. */
export interface WindowSize {
  readonly warmupStays: number;
  readonly windowStays: number;
  readonly mostWarmupSeconds: number;
  readonly mostWindowSeconds: number;
}

/** A trial: the first requests have gone, and some have come and gone since. */
export const TRIAL: WindowSize = {
  warmupStays: 2.5,
  windowStays: 5,
  mostWarmupSeconds: 120,
  mostWindowSeconds: 240,
};

const LEAST_SECONDS = 5;

/**
 * The window in which a chain at full load shows what it serves. A request stays for as long as it takes
 * to serve all those under way (Little's law), so fast chains need seconds and slow ones minutes. O(stages).
 * @param cluster with saturated rates. @param tokens of a mean request.
 */
export function windowOf(
  cluster: Cluster,
  { nodes, layers }: PlannedChain,
  { batching, tokens }: { readonly batching: ChainBatching; readonly tokens: number },
  size: WindowSize,
): TrialWindow {
  const batches = batching.inFlight === "one" ? 1 : nodes.length;
  const capacityOf = (at: number) => machineOf(cluster, nodes[at]!).capacity;
  let requests = batches * batching.maxSequences;
  let rate = Infinity;
  layers.forEach((interval, at) => {
    const room = kvTokensOfLayers(capacityOf(at), interval) ?? Infinity;
    requests = Math.min(requests, Math.max(1, room / tokens));
    rate = Math.min(rate, rateOfLayers(capacityOf(at), interval) / tokens);
  });
  const stay = rate > 0 && Number.isFinite(rate) ? Math.max(requests, MOST_FEW) / rate : Infinity;
  const within = (stays: number, most: number): number =>
    Math.min(most, Math.max(LEAST_SECONDS, stays * stay));
  return {
    warmupSeconds: within(size.warmupStays, size.mostWarmupSeconds),
    durationSeconds: within(size.windowStays, size.mostWindowSeconds),
  };
}

/** With fewer requests under way a run is still as long as if there were so many: few make noise. */
const MOST_FEW = 64;

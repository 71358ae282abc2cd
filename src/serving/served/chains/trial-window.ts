import { machineOf, type Cluster } from "../../../core/cluster.js";
import { kvTokensOfLayers, rateOfLayers } from "../../../core/interval-capacity.js";
import { meanRequest } from "../../../model/choose-lengths.js";
import type { ChainBatching, Engine } from "../../../engines/engine.js";
import { saturatedCluster } from "../../../engines/rates-under.js";
import { decodeShare } from "../bound-served.js";
import type { PlannedChain } from "./chain-layers.js";

/** When a run begins to count, and for how long it does. */
export interface TrialWindow {
  readonly warmupSeconds: number;
  readonly durationSeconds: number;
}

type Batches = Pick<ChainBatching, "inFlight" | "maxSequences">;

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
  mostWarmupSeconds: 2000,
  mostWindowSeconds: 4000,
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
  { batching, tokens }: { readonly batching: Batches; readonly tokens: number },
  size: WindowSize,
): TrialWindow {
  const batches = batching.inFlight === "one" ? 1 : nodes.length;
  const capacityOf = (at: number) => machineOf(cluster, nodes[at]!).capacity;
  let requests = batches * batching.maxSequences;
  const rate = slowest(cluster, { nodes, layers }) / tokens;
  layers.forEach((interval, at) => {
    const room = kvTokensOfLayers(capacityOf(at), interval) ?? Infinity;
    requests = Math.min(requests, Math.max(1, room / tokens));
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

/** Tokens that a run of many chains makes at most: it takes seconds. */
const MOST_TOKENS = 4e6;
/** But a run is as long as this, whatever it makes. */
const LEAST_RUN = 30;

/** With whether the first requests have gone before it begins to count. */
interface LongestWindow extends TrialWindow {
  readonly whole: boolean;
}

/** The window in which several chains show what they serve: that of the slowest, of no more than so many tokens. */
export function longestWindow(
  cluster: Cluster,
  chains: readonly PlannedChain[],
  engine: Engine & { readonly batching: ChainBatching },
  size: WindowSize,
): LongestWindow {
  const saturated = saturatedCluster(cluster, engine);
  const { promptTokens, outputTokens } = meanRequest(cluster.workload);
  const rules = { batching: engine.batching, tokens: promptTokens + outputTokens };
  const windows = chains.map((chain) => windowOf(saturated, chain, rules, size));
  const rate = chains.reduce((sum, chain) => sum + slowest(saturated, chain), 0);
  const most =
    rate > 0 ? Math.max(LEAST_RUN, MOST_TOKENS / (decodeShare(cluster) * rate)) : Infinity;
  const of = (key: keyof TrialWindow): number =>
    windows.reduce((longest, window) => Math.max(longest, window[key]), LEAST_SECONDS);
  const [warmupSeconds, durationSeconds] = [of("warmupSeconds"), of("durationSeconds")];
  return {
    warmupSeconds: Math.min(warmupSeconds, most),
    durationSeconds: Math.min(durationSeconds, 2 * most),
    whole: warmupSeconds <= most,
  };
}

/** Tokens/s of a chain's slowest stage. */
function slowest(cluster: Cluster, { nodes, layers }: PlannedChain): number {
  return nodes.reduce(
    (least, node, at) =>
      Math.min(least, rateOfLayers(machineOf(cluster, node).capacity, layers[at]!)),
    Infinity,
  );
}

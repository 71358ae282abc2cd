import { linkBetween, machineOf, type Cluster } from "../../../core/cluster.js";
import { kvTokensOfLayers, rateOfLayers } from "../../../core/interval-capacity.js";
import { meanRequest } from "../../../model/choose-lengths.js";
import { mostUnderWay, type Engine } from "../../../engines/engine.js";
import type { SimulationResult } from "../../simulate/result.js";
import { saturatedCluster } from "../../../engines/rates-under.js";
import { decodeShare } from "../bound-served.js";
import type { PlannedChain } from "./chain-layers.js";

/** When a run begins to count, and for how long it does. */
export interface TrialWindow {
  readonly warmupSeconds: number;
  readonly durationSeconds: number;
}

type Batches = Parameters<typeof mostUnderWay>[0];

/** How long a run is: in times that a request stays, and at most in seconds and in tokens made. */
export interface WindowSize {
  readonly warmupStays: number;
  readonly windowStays: number;
  readonly mostWarmupSeconds: number;
  readonly mostWindowSeconds: number;
  /** Decode tokens in all. A run is longer where the least stays are. */
  readonly mostTokens: number;
  /** The same, counted at every stage: where nodes batch for themselves, computing takes so long. Default any number. */
  readonly mostVisits?: number;
}

/**
 * A trial begins full, so that it need not wait for the first requests to go. Where few are under way it still goes on for some
 * stays: the batches of a chain begin alike, and grow unlike as requests come and go.
 */
export const TRIAL: WindowSize = {
  warmupStays: 4,
  windowStays: 8,
  mostWarmupSeconds: 900,
  mostWindowSeconds: 1500,
  mostTokens: 4e5,
};

/** One that tells near equals apart. */
export const LONG_TRIAL: WindowSize = {
  warmupStays: 10,
  windowStays: 30,
  mostWarmupSeconds: 900,
  mostWindowSeconds: 18_000,
  mostTokens: 1.5e6,
};

/** A trial where every node forms its own batches: such runs take longer to compute. */
export const NODES_TRIAL: WindowSize = {
  warmupStays: 0.2,
  windowStays: 0.6,
  mostWarmupSeconds: 100,
  mostWindowSeconds: 400,
  mostTokens: 3e5,
  mostVisits: 1.2e6,
};
export const NODES_LONG_TRIAL: WindowSize = {
  warmupStays: 0.4,
  windowStays: 3,
  mostWarmupSeconds: 200,
  mostWindowSeconds: 1500,
  mostTokens: 8e5,
  mostVisits: 4e6,
};
/** There memory alone limits what is under way. */
export const NODES_BATCH: Batches = {
  inFlight: "per-stage",
  batchTokens: Infinity,
  maxSequences: Infinity,
};

const LEAST_SECONDS = 5;
/** Stays that a warm-up, and a window, has at least, however many tokens are made in it. */
const LEAST_STAYS = { warmup: 0.1, window: 0.2 };

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
  const capacityOf = (at: number) => machineOf(cluster, nodes[at]!).capacity;
  let requests = mostUnderWay(batching, nodes.length);
  const rate = slowest(cluster, { nodes, layers }) / tokens;
  layers.forEach((interval, at) => {
    const room = kvTokensOfLayers(capacityOf(at), interval) ?? Infinity;
    requests = Math.min(requests, Math.max(1, room / tokens));
  });
  const stay = rate > 0 && Number.isFinite(rate) ? Math.max(requests, MOST_FEW) / rate : Infinity;
  const { mostTokens, mostVisits = Infinity } = size;
  const most = Math.min(mostTokens, mostVisits / nodes.length);
  return fitWindow(stay, decodeShare(cluster) * rate * tokens, { ...size, mostTokens: most });
}

/** The window in which a placement shows what it serves, of which an earlier run is known. */
export function windowOfRun(
  { workload }: Cluster,
  { meanInFlight, decodeTokensPerSecond }: Pick<SimulationResult, RunFigures>,
  size: WindowSize,
): TrialWindow {
  const { outputTokens } = meanRequest(workload);
  const stay = (Math.max(1, meanInFlight) * outputTokens) / Math.max(1e-9, decodeTokensPerSecond);
  return fitWindow(stay, decodeTokensPerSecond, size);
}

type RunFigures = "meanInFlight" | "decodeTokensPerSecond";

function fitWindow(stay: number, tokensPerSecond: number, size: WindowSize): TrialWindow {
  const tokensWanted = (size.warmupStays + size.windowStays) * stay * tokensPerSecond;
  const share = tokensWanted > size.mostTokens ? size.mostTokens / tokensWanted : 1;
  const within = (stays: number, most: number, least: number): number =>
    Math.min(most, Math.max(LEAST_SECONDS, stay * Math.max(share * stays, Math.min(stays, least))));
  return {
    warmupSeconds: within(size.warmupStays, size.mostWarmupSeconds, LEAST_STAYS.warmup),
    durationSeconds: within(size.windowStays, size.mostWindowSeconds, LEAST_STAYS.window),
  };
}

/** With fewer requests under way a run is still as long as if there were so many: few make noise. */
const MOST_FEW = 64;

/** Share of the tokens of a run that the warm-up makes, at most. */
const WARMUP_SHARE = 1 / 3;
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
  engine: Engine,
  size: WindowSize,
): LongestWindow {
  const saturated = saturatedCluster(cluster, engine);
  const { promptTokens, outputTokens } = meanRequest(cluster.workload);
  const batching = engine.batching.kind === "chain" ? engine.batching : NODES_BATCH;
  const rules = { batching, tokens: promptTokens + outputTokens };
  const windows = chains.map((chain) =>
    windowOf(saturated, chain, rules, { ...size, mostTokens: Infinity }),
  );
  const rate = chains.reduce((sum, chain) => sum + slowest(saturated, chain), 0);
  const most =
    rate > 0
      ? Math.max(LEAST_RUN, (WARMUP_SHARE * size.mostTokens) / (decodeShare(cluster) * rate))
      : Infinity;
  const of = (key: keyof TrialWindow): number =>
    windows.reduce((longest, window) => Math.max(longest, window[key]), LEAST_SECONDS);
  const [warmupSeconds, durationSeconds] = [of("warmupSeconds"), of("durationSeconds")];
  return {
    warmupSeconds: Math.min(warmupSeconds, most),
    durationSeconds: Math.min(durationSeconds, 2 * most),
    whole: warmupSeconds <= most,
  };
}

/**
 * Tokens/s of a chain's slowest stage or link: no run is above it in the long run. A wide stage behind a thin link takes
 * long to fill. O(stages). @param cluster with saturated rates.
 */
export function slowest(cluster: Cluster, { nodes, layers }: PlannedChain): number {
  const { activationBytes } = cluster.model;
  return nodes.reduce((least, node, at) => {
    const { capacity } = machineOf(cluster, node);
    const link = at === 0 ? undefined : linkBetween(cluster, nodes[at - 1]!, node);
    const carried = (link?.bandwidthBytesPerSecond ?? Infinity) / activationBytes;
    return Math.min(least, rateOfLayers(capacity, layers[at]!), carried);
  }, Infinity);
}

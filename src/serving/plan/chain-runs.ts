import type { Cluster } from "../../core/cluster.js";
import { clusterHolding } from "../../core/exact-ends.js";
import type { Placement } from "../../core/placement.js";
import type { EngineAsked } from "../../engines/choose-engine.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { saturatedCluster } from "../../engines/rates-under.js";
import { meanRequest } from "../../model/choose-lengths.js";
import { measureThroughput } from "../../planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { simulatePlacement } from "../simulate/simulate-placement.js";
import type { SimulationResult } from "../simulate/result.js";
import { describeLikeness, type PlannedChain } from "../served/chains/chain-layers.js";
import { linksOf, placeChains } from "../served/chains/place-chains.js";
import { readChains } from "../served/chains/plan-chains.js";
import { FINAL_RUN } from "../served/chains/serve-chains.js";
import { windowOf } from "../served/chains/trial-window.js";
import { FRESH_SEED } from "./judge-served.js";

/** Chains that serve alike, and what one of them does alone at full load. */
export interface ChainKind {
  readonly chains: readonly PlannedChain[];
  readonly result: SimulationResult;
}

/**
 * The kinds of chains of a placement, by their first node; none where nothing can be served. Undefined where nobody could look: after
 * an interrupt, or where pipelines share nodes. Links are those of the cluster.
 */
export type ChainRuns = (
  cluster: Cluster,
  placement: Placement,
) => readonly ChainKind[] | undefined;

interface ChainRunOptions extends EngineAsked {
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Of each kind of chain: a second or so. */
const MOST_TOKENS = 3e6;

/**
 * Runs chains at full load, each alone and alike ones once, as long as the last run of a plan. Chains share no nodes, so a
 * placement serves the sum; NICs that several share bind no more than the flow allows.
 * @returns undefined for engines that do not work in chains.
 */
export function createChainRuns(
  problem: PlanningProblem,
  { seed = 1, signal, ...options }: ChainRunOptions,
): ChainRuns | undefined {
  const { cluster: rated, chosen } = clusterUnder(problem.cluster, options);
  const { engine, asked } = chosen;
  const { batching } = engine;
  if (batching.kind !== "chain") return undefined;
  // What is lost may have been pinned.
  const constraints = { ...problem.constraints, pins: new Map() };
  const { partialInference } = problem;
  const known = new Map<Cluster["network"], Map<string, SimulationResult>>();
  const run = (cluster: Cluster, chain: PlannedChain): SimulationResult => {
    const { promptTokens, outputTokens } = meanRequest(cluster.workload);
    const rules = { batching, tokens: promptTokens + outputTokens };
    const size = { ...FINAL_RUN, mostTokens: MOST_TOKENS };
    const window = windowOf(saturatedCluster(cluster, engine), chain, rules, size);
    const links = linksOf(chain);
    const how = { ...asked, partialInference, seed: seed + FRESH_SEED, begins: "full" } as const;
    const alone = placeChains(cluster, [chain]);
    return simulatePlacement(cluster, alone, { ...how, links, ...window }).result;
  };
  return (whole, placement) => {
    const cluster = clusterHolding({ ...rated, network: whole.network }, placement);
    const own = { ...problem, constraints, cluster };
    if (measureThroughput(own, placement) === 0) return [];
    const results = known.get(whole.network) ?? new Map<string, SimulationResult>();
    known.set(whole.network, results);
    const kinds = new Map<string, PlannedChain[]>();
    for (const chain of readChains(own, placement) ?? []) {
      const like = describeLikeness(cluster, chain);
      kinds.set(like, [...(kinds.get(like) ?? []), chain]);
    }
    for (const [like, [chain]] of kinds) {
      if (results.has(like)) continue;
      if (signal?.aborted === true) return undefined;
      results.set(like, run(cluster, chain!));
    }
    if (kinds.size === 0) return undefined;
    return [...kinds].map(([like, chains]) => ({ chains, result: results.get(like)! }));
  };
}

/** Decode tokens/s of all chains together. */
export function sumKinds(kinds: readonly ChainKind[]): number {
  return kinds.reduce(
    (sum, { chains, result }) => sum + chains.length * result.decodeTokensPerSecond,
    0,
  );
}

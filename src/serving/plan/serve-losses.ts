import type { Cluster } from "../../core/cluster.js";
import { clusterHolding } from "../../core/exact-ends.js";
import type { Placement } from "../../core/placement.js";
import type { EngineAsked } from "../../engines/choose-engine.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { measureThroughput } from "../../planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { describeLikeness, type PlannedChain } from "../served/chains/chain-layers.js";
import { readChains } from "../served/chains/plan-chains.js";
import { serveChains } from "../served/chains/serve-chains.js";
import { FRESH_SEED } from "./judge-served.js";

/** Decode tokens/s of a placement, its links those of the cluster; undefined where nobody looked. */
export type ServedLeft = (cluster: Cluster, placement: Placement) => number | undefined;

interface LeftOptions extends EngineAsked {
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Of each kind of chain: a second or so. */
const MOST_TOKENS = 3e6;

/**
 * What the chains serve that a loss leaves: the sum of what each serves alone at full load, by simulation, alike ones once.
 * @returns undefined for engines that do not work in chains.
 */
export function createServedLeft(
  problem: PlanningProblem,
  { seed = 1, signal, ...options }: LeftOptions,
): ServedLeft | undefined {
  const { cluster: rated, chosen } = clusterUnder(problem.cluster, options);
  const { engine, asked } = chosen;
  if (engine.batching.kind !== "chain") return undefined;
  // What is lost may have been pinned.
  const constraints = { ...problem.constraints, pins: new Map() };
  // Links are the cluster's: a loss of links is a cluster of its own.
  const known = new Map<Cluster["network"], Map<string, number>>();
  const run = { asked, seed: seed + FRESH_SEED, mostTokens: MOST_TOKENS };
  const serve = (own: PlanningProblem, chain: PlannedChain): number => {
    const placement: Placement[number][] = own.cluster.nodes.map(() => null);
    chain.nodes.forEach((node, at) => (placement[node] = chain.layers[at]!));
    return serveChains(own, placement, [chain], engine, run).decodeTokensPerSecond;
  };
  return (whole, placement) => {
    const cluster = clusterHolding({ ...rated, network: whole.network }, placement);
    const own = { ...problem, constraints, cluster };
    if (measureThroughput(own, placement) === 0) return 0;
    const rates = known.get(whole.network) ?? new Map<string, number>();
    known.set(whole.network, rates);
    let sum = 0;
    for (const chain of readChains(own, placement) ?? []) {
      const kind = describeLikeness(cluster, chain);
      if (!rates.has(kind) && signal?.aborted === true) return undefined;
      const rate = rates.get(kind) ?? serve(own, chain);
      rates.set(kind, rate);
      sum += rate;
    }
    return sum;
  };
}

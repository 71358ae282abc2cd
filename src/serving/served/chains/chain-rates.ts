import type { ChainBatching, EngineOverhead } from "../../../engines/engine.js";
import { COORDINATOR, linkBetween, type Cluster } from "../../../core/cluster.js";
import type { Placement } from "../../../core/placement.js";
import { simulateChains } from "../../simulate/chains/simulate-chains.js";
import { OFFLINE } from "../../simulate/traffic.js";
import type { Lengths } from "../../../model/lengths.js";
import { describeLikeness, type PlannedChain } from "./chain-layers.js";

/** Decode tokens/s that a chain serves at full load. */
export type RateOf = (chain: PlannedChain) => number;

/** The trial run of a chain: long enough for a few requests after the first ones to have gone. */
const TRIAL = { warmupSeconds: 120, durationSeconds: 240 };

/**
 * Judges chains by simulating each alone at full load, alike ones once. Chains share nothing, so a
 * placement serves what its chains serve together. One trial is O(tokens made).
 */
export function createRateOf(
  cluster: Cluster,
  engine: { readonly batching: ChainBatching; readonly overhead: EngineOverhead },
  lengths: Lengths,
  seed: number,
): RateOf {
  const known = new Map<string, number>();
  return (chain) => {
    const likeness = describeLikeness(cluster, chain);
    const before = known.get(likeness);
    if (before !== undefined) return before;
    const rate = isLinked(cluster, chain) ? measure(chain) : 0;
    known.set(likeness, rate);
    return rate;
  };

  function measure(chain: PlannedChain): number {
    const result = simulateChains(
      {
        cluster,
        placement: placeChains(cluster, [chain]),
        links: [],
        scheduler: "helix",
        batching: "continuous",
        traffic: OFFLINE,
        lengths,
        seed,
        ...TRIAL,
        stopAtEnd: true,
        highWaterMark: 1,
        outputRatio: 1,
        meanOutputTokens: lengths.meanOutputTokens,
      },
      [{ nodes: chain.nodes, flow: 1 }],
      engine,
    );
    return result.decodeTokensPerSecond;
  }
}

/** The placement that chains make together. */
export function placeChains(cluster: Cluster, chains: readonly PlannedChain[]): Placement {
  const placement: (Placement[number] | null)[] = cluster.nodes.map(() => null);
  for (const { nodes, layers } of chains) {
    nodes.forEach((node, at) => {
      placement[node] = layers[at]!;
    });
  }
  return placement;
}

function isLinked(cluster: Cluster, { nodes }: PlannedChain): boolean {
  const way = [COORDINATOR, ...nodes, COORDINATOR];
  return way.every((from, at) => at + 1 === way.length || linkBetween(cluster, from, way[at + 1]!));
}

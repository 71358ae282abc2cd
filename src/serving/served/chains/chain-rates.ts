import type { ChainBatching, Engine } from "../../../engines/engine.js";
import { saturatedCluster } from "../../../engines/rates-under.js";
import { COORDINATOR, linkBetween, type Cluster, type Machine } from "../../../core/cluster.js";
import type { Placement } from "../../../core/placement.js";
import { askFor } from "../../../engines/choose-engine.js";
import type { LinkFlow } from "../../../planner/graph/evaluate-placement.js";
import { simulateChains } from "../../simulate/chains/simulate-chains.js";
import { simulatePlacement } from "../../simulate/simulate-placement.js";
import { OFFLINE } from "../../simulate/traffic.js";
import type { Lengths } from "../../../model/lengths.js";
import { decodeShare } from "../bound-served.js";
import { describeLikeness, type PlannedChain } from "./chain-layers.js";
import { NODES_BATCH, NODES_TRIAL, slowest, TRIAL, windowOf } from "./trial-window.js";

/** What chains serve at full load. Decode tokens/s. */
export interface ChainRates {
  /** By a trial run, alike chains once. */
  of(chain: PlannedChain): number;
  /** What no run exceeds: of the stages' saturated rates and the links between them the least. O(stages). */
  atMost(chain: PlannedChain): number;
}

/** An engine of chains. */
export type ChainEngineOf = Engine & { readonly batching: ChainBatching };

/** What trials have shown of chains, for all clusters of the same machine types and links: those of other parts. */
export interface TrialMemory {
  /** Decode tokens/s by likeness. */
  readonly known: Map<string, number>;
  /** The machine types with saturated rates. */
  readonly machines: readonly Machine[];
}

/** How chains are put on trial. */
interface ChainTrials {
  readonly seed: number;
  readonly memory?: TrialMemory | undefined;
  /**
   * Asked before a trial, once a chain is known that serves something: from then on chains that are not known
   * serve nothing. Default never.
   */
  readonly tooLate?: () => boolean;
}

/** Nothing tried yet. O(machine types · layers). */
export function createTrialMemory(cluster: Cluster, engine: Engine): TrialMemory {
  return { known: new Map(), machines: saturatedCluster(cluster, engine).machines };
}

/**
 * Judges chains by simulating each alone at full load, alike ones once. Chains share nothing, so a
 * placement serves what its chains serve together, under engines whose nodes form their own batches as well. One trial
 * is O(tokens made).
 */
export function createChainRates(
  cluster: Cluster,
  engine: Engine,
  lengths: Lengths,
  { seed, memory, tooLate = () => false }: ChainTrials,
): ChainRates {
  const { batching } = engine;
  let serves = false;
  const { known, machines } = memory ?? createTrialMemory(cluster, engine);
  const saturated = { ...cluster, machines };
  const share = decodeShare(cluster);
  const tokens = lengths.meanPromptTokens + lengths.meanOutputTokens;
  const bound = (chain: PlannedChain): number => share * slowest(saturated, chain);
  return {
    of(chain) {
      const likeness = describeLikeness(cluster, chain);
      const before = known.get(likeness);
      if (before !== undefined) return before;
      if (serves && tooLate()) return 0;
      const rate = isLinked(cluster, chain) ? measure(chain) : 0;
      serves ||= rate > 0;
      known.set(likeness, rate);
      return rate;
    },
    atMost: (chain) => known.get(describeLikeness(cluster, chain)) ?? bound(chain),
  };

  function measure(chain: PlannedChain): number {
    const placement = placeChains(cluster, [chain]);
    if (batching.kind !== "chain") return measureByNodes(chain, placement);
    const result = simulateChains(
      {
        cluster,
        placement,
        links: [],
        scheduler: "helix",
        batching: "continuous",
        traffic: OFFLINE,
        lengths,
        seed,
        ...windowOf(saturated, chain, { batching, tokens }, TRIAL),
        stopAtEnd: true,
        highWaterMark: 1,
        outputRatio: 1,
        meanOutputTokens: lengths.meanOutputTokens,
      },
      [{ nodes: chain.nodes, flow: 1 }],
      { ...engine, batching },
    );
    return result.decodeTokensPerSecond;
  }

  function measureByNodes(chain: PlannedChain, placement: Placement): number {
    const { result } = simulatePlacement(cluster, placement, {
      ...(cluster.engine === undefined ? {} : askFor(engine)),
      seed,
      links: linksOf(chain),
      ...windowOf(saturated, chain, { batching: NODES_BATCH, tokens }, NODES_TRIAL),
    });
    return result.decodeTokensPerSecond;
  }
}

/** The links of a chain, out and back. */
function linksOf({ nodes }: PlannedChain): readonly LinkFlow[] {
  const way = [COORDINATOR, ...nodes, COORDINATOR];
  return way.slice(1).map((to, at) => ({ from: way[at]!, to, flow: 1, capacity: 1 }));
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

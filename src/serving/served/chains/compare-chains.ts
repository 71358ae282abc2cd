import type { Cluster } from "../../../core/cluster.js";
import { describeLikeness, type PlannedChain } from "./chain-layers.js";
import type { ChainRates } from "./chain-rates.js";

/** Decode tokens/s of chains together. */
export function sumRates(chains: readonly PlannedChain[], rates: ChainRates): number {
  return chains.reduce((sum, chain) => sum + rates.of(chain), 0);
}

/** What no run of the chains exceeds. */
export function sumAtMost(chains: readonly PlannedChain[], rates: ChainRates): number {
  return chains.reduce((sum, chain) => sum + rates.atMost(chain), 0);
}

/**
 * Whether the first chains serve more than the others, alike ones aside: by their trials, and where these
 * are too short to tell, by longer ones.
 */
export function servesMore(
  cluster: Cluster,
  [first, others]: readonly [readonly PlannedChain[], readonly PlannedChain[]],
  rates: ChainRates,
): boolean {
  const differing = new Map<string, { chain: PlannedChain; count: number }>();
  const count = (chains: readonly PlannedChain[], step: 1 | -1): void => {
    for (const chain of chains) {
      const like = describeLikeness(cluster, chain);
      const before = differing.get(like)?.count ?? 0;
      differing.set(like, { chain, count: before + step });
    }
  };
  count(first, 1);
  count(others, -1);
  const kinds = [...differing.values()].filter((kind) => kind.count !== 0);
  const sum = (of: (kind: (typeof kinds)[number]) => number): number =>
    kinds.reduce((total, kind) => total + of(kind), 0);
  const gain = (): number => sum((kind) => kind.count * rates.of(kind.chain));
  const shown = gain();
  const noise = sum((kind) => Math.abs(kind.count) * rates.noiseOf(kind.chain));
  if (noise === 0 || Math.abs(shown) > noise) return shown > 0;
  for (const { chain } of kinds) rates.tryLonger(chain);
  return gain() > 0;
}

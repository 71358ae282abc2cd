import { shuffle, type Random } from "../../../core/random.js";
import type { PlannedChain } from "./chain-layers.js";
import type { RateOf } from "./chain-rates.js";
import { bestBalance, chainLeftovers, orderForLinks, type ChainStock } from "./obvious-chains.js";

/** Chains taken apart in one move. */
const MOST_TAKEN = 3;

/** Decode tokens/s of chains together. */
export function sumRates(chains: readonly PlannedChain[], rateOf: RateOf): number {
  return chains.reduce((sum, chain) => sum + rateOf(chain), 0);
}

/**
 * Takes a few chains apart and chains their nodes, and idle ones, anew: shuffled and cut where the
 * model fits, or by memory; keeps what serves more together. One step is O(nodes taken) and a few trials.
 */
export function improveChains(
  stock: ChainStock,
  chains: readonly PlannedChain[],
  rateOf: RateOf,
  random: Random,
): readonly PlannedChain[] {
  const shuffled = shuffle([...chains], random);
  const taken = shuffled.slice(0, 1 + Math.floor(random.next() * MOST_TAKEN));
  const kept = shuffled.slice(taken.length);
  const busy = new Set(chains.flatMap(({ nodes }) => nodes));
  const idle = stock.nodes.filter((node) => !busy.has(node));
  const pool = [...taken.flatMap(({ nodes }) => nodes), ...idle];
  const made =
    random.next() < 0.3
      ? chainLeftovers(stock, pool, rateOf)
      : cutShuffled(stock, pool, rateOf, random);
  const gain = sumRates(made, rateOf) - sumRates(taken, rateOf);
  return gain > 0 ? [...kept, ...made] : chains;
}

/** Nodes in random order, like beside like more often than not, cut into chains of random surplus. */
function cutShuffled(
  stock: ChainStock,
  pool: readonly number[],
  rateOf: RateOf,
  random: Random,
): readonly PlannedChain[] {
  const { cluster, mostNodes } = stock;
  const order = shuffle([...pool], random);
  if (random.next() < 0.5) {
    const rank = new Map(order.map((node, at) => [cluster.nodes[node]!.machine, at]));
    order.sort(
      (a, b) => rank.get(cluster.nodes[a]!.machine)! - rank.get(cluster.nodes[b]!.machine)!,
    );
  }
  const chains: PlannedChain[] = [];
  let current: number[] = [];
  let held = 0;
  let surplus = random.next() * 0.5;
  for (const node of order) {
    const room = cluster.machines[cluster.nodes[node]!.machine]!.capacity.maxLayers;
    if (room === 0) continue;
    current.push(node);
    held += room;
    if (held < cluster.model.layers * (1 + surplus) || current.length > mostNodes) continue;
    const chain = bestBalance(cluster, orderForLinks(cluster, current), rateOf);
    if (chain !== undefined) chains.push(chain);
    current = [];
    held = 0;
    surplus = random.next() * 0.5;
  }
  return chains;
}

import { hostOf, machineOf, type Cluster } from "../../../core/cluster.js";
import { mostLayersOf } from "../../../core/interval-capacity.js";
import { shuffle, type Random } from "../../../core/random.js";
import {
  changeAlike,
  exchangeRuns,
  listChanges,
  listRuns,
  shiftLayers,
  type ChainChange,
} from "./chain-changes.js";
import { describeLikeness, type PlannedChain } from "./chain-layers.js";
import type { ChainRates } from "./chain-rates.js";
import { servesMore, sumAtMost, sumRates } from "./compare-chains.js";
import { bestBalance, chainLeftovers, orderForLinks, type ChainStock } from "./obvious-chains.js";

/** Chains taken apart in one move. */
const MOST_TAKEN = 3;
/** Share of the moves that shift a border between two nodes of a chain, */
const SHIFTS = 0.3;
/** and of those that exchange the places of two machines, or runs of alike ones, in it. */
const EXCHANGES = 0.1;

/**
 * One move: takes a few chains apart and chains their nodes, and idle ones, anew (shuffled and cut where the
 * model fits, or by memory), shifts layers from one node of a chain to another, or lets two of them change places. Keeps what serves more
 * together; what cannot by its saturated rates is not tried. One step is O(nodes taken) and a few trials.
 */
export function improveChains(
  stock: ChainStock,
  chains: readonly PlannedChain[],
  rates: ChainRates,
  random: Random,
): readonly PlannedChain[] {
  const kind = random.next();
  if (kind < SHIFTS + EXCHANGES) {
    const chain = chains[random.int(chains.length)];
    if (chain === undefined) return chains;
    const { cluster } = stock;
    const change = kind < SHIFTS ? drawShift(chain, random) : drawExchange(cluster, chain, random);
    return change === undefined ? chains : changeAlike(cluster, chains, rates, chain, change);
  }
  const shuffled = shuffle([...chains], random);
  const taken = shuffled.slice(0, 1 + Math.floor(random.next() * MOST_TAKEN));
  const kept = shuffled.slice(taken.length);
  const busy = new Set(chains.flatMap(({ nodes }) => nodes));
  const idle = stock.nodes.filter((node) => !busy.has(node));
  const pool = [...taken.flatMap(({ nodes }) => nodes), ...idle];
  const before = sumRates(taken, rates);
  const made =
    random.next() < 0.3
      ? chainLeftovers(stock, pool, rates)
      : cutShuffled(stock, pool, rates, random);
  if (sumAtMost(made, rates) <= before) return chains;
  if (sumRates(made, rates) <= before) return chains;
  return servesMore(stock.cluster, [made, taken], rates) ? [...kept, ...made] : chains;
}

/** A few layers from one node of a chain to another. */
function drawShift(chain: PlannedChain, random: Random): ChainChange | undefined {
  const { length } = chain.nodes;
  if (length < 2) return undefined;
  const from = random.int(length);
  const to = (from + 1 + random.int(length - 1)) % length;
  return shiftLayers(chain, [from, to], 1 + random.int(3));
}

/** Two runs of a chain in each other's place. */
function drawExchange(
  cluster: Cluster,
  chain: PlannedChain,
  random: Random,
): ChainChange | undefined {
  const runs = listRuns(cluster, chain.nodes).length;
  return exchangeRuns(cluster, chain, [random.int(runs), random.int(runs)]);
}

/**
 * What is one change away from the chains ({@link listChanges}), one after another, until nothing of it serves more: random moves
 * may miss it. Yields the chains as they are after each change that was tried.
 */
export function* polishChains(
  { cluster }: ChainStock,
  given: readonly PlannedChain[],
  rates: ChainRates,
): Generator<readonly PlannedChain[]> {
  let chains = given;
  for (let again = true; again;) {
    again = false;
    const kinds = new Map(chains.map((chain) => [describeLikeness(cluster, chain), chain]));
    for (const chain of kinds.values()) {
      for (const change of listChanges(cluster, chain)) {
        const changed = changeAlike(cluster, chains, rates, chain, change);
        yield changed;
        if (changed === chains) continue;
        chains = changed;
        again = true;
        break;
      }
    }
  }
}

/** Parts of one machine stay together in this share of the moves: between them is no NIC. */
const TOGETHER = 0.7;

/** Nodes in random order, like beside like more often than not, cut into chains of random surplus. */
function cutShuffled(
  stock: ChainStock,
  pool: readonly number[],
  rates: ChainRates,
  random: Random,
): readonly PlannedChain[] {
  const { cluster, mostNodes } = stock;
  const order =
    random.next() < TOGETHER
      ? shuffle(groupByHost(cluster, pool), random).flat()
      : shuffle([...pool], random);
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
    const room = mostLayersOf(machineOf(cluster, node).capacity);
    if (room === 0) continue;
    current.push(node);
    held += room;
    if (held < cluster.model.layers * (1 + surplus) || current.length > mostNodes) continue;
    const chain = bestBalance(cluster, orderForLinks(cluster, current), rates);
    if (chain !== undefined) chains.push(chain);
    current = [];
    held = 0;
    surplus = random.next() * 0.5;
  }
  return chains;
}

function groupByHost(cluster: Cluster, nodes: readonly number[]): (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (const node of nodes) {
    const host = hostOf(cluster, node);
    const key = host < 0 ? `node ${node}` : `host ${host}`;
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  return [...groups.values()];
}

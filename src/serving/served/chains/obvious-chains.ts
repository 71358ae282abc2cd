import { machineOf, regionOf, type Cluster } from "../../../core/cluster.js";
import { mostLayersOf } from "../../../core/interval-capacity.js";
import { BALANCES, balanceLayers, type PlannedChain } from "./chain-layers.js";
import type { ChainRates } from "./chain-rates.js";
import { servesMore, sumRates } from "./compare-chains.js";

/** Chains of equals longer than the shortest by up to so many nodes are looked at, */
export const LONGER = 3;
/** and behind them some up to so many nodes, or so many times the shortest: they hold the weights once for more KV. */
const FEW_STAGES = 24;
const MOST_TIMES = 3;
const STEP = 1.3;
/** as long as a node serves this share of the most that one has served in a shorter one. */
const STILL_PAYS = 0.95;

/** Stages of a chain at most: a trial of very many takes long. */
export function mostStages(shortest: number): number {
  return Math.max(FEW_STAGES, MOST_TIMES * shortest);
}

/** How long chains of equals are: so many nodes above the shortest, or as long as serves most. */
type Longer = number | "any" | "filled";

/** What chains may be made of. */
export interface ChainStock {
  readonly cluster: Cluster;
  /** Nodes that may hold layers, ascending. */
  readonly nodes: readonly number[];
  /** Chains of equals may have nodes of several regions. */
  readonly acrossRegions?: true;
  /** Most nodes of a chain. */
  readonly mostNodes: number;
}

/**
 * The plan anybody would make: machines of one kind in one region in chains of equals, of the length
 * that serves most per machine (one, where a machine holds the model alone); then what is left over,
 * region by region and at last across regions, the largest memories first. What serves nothing is left
 * idle. O(classes) trials.
 * @param longer makes them so many nodes longer than the shortest instead: what is left over may then serve more.
 * "any": of the length that serves most, much longer ones included. "filled": what is left over of a kind goes into its chains.
 */
export function makeObviousChains(
  stock: ChainStock,
  rates: ChainRates,
  longer?: Longer,
): readonly PlannedChain[] {
  const { cluster, mostNodes } = stock;
  const most = Math.min(mostNodes, cluster.model.layers);
  const chains: PlannedChain[] = [];
  const left: number[] = [];
  for (const nodes of groupAlike(stock)) {
    const length = bestLength(stock, nodes, rates, longer);
    const copies = length === 0 ? 0 : Math.floor(nodes.length / length);
    const fits = longer === "filled" && nodes.length <= copies * most;
    const used = fits ? nodes.length : copies * length;
    for (const own of splitEvenly(nodes.slice(0, used), copies)) {
      const chain = bestBalance(cluster, own, rates);
      if (chain !== undefined) chains.push(chain);
    }
    left.push(...nodes.slice(used));
  }
  return [...chains, ...chainLeftovers(stock, left, rates)];
}

/** So many runs of nearly the same length, the longer ones first. */
function splitEvenly(nodes: readonly number[], runs: number): readonly (readonly number[])[] {
  const length = Math.floor(nodes.length / runs);
  const longer = nodes.length % runs;
  return Array.from({ length: runs }, (_, at) => {
    const from = at * length + Math.min(at, longer);
    return nodes.slice(from, from + length + (at < longer ? 1 : 0));
  });
}

/** Nodes of one machine type in one region. */
function groupAlike({ cluster, nodes, acrossRegions }: ChainStock): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (const node of nodes) {
    const own = cluster.network.exceptions.has(node) ? `#${node}` : "";
    const region = acrossRegions === true ? "" : `${regionOf(cluster, node)}${own}`;
    const key = `${cluster.nodes[node]!.machine}@${region}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node]);
    else group.push(node);
  }
  return [...groups.values()];
}

/** Nodes per chain of equals for most tokens/s of all of them; 0 when they cannot hold the model. */
function bestLength(
  stock: ChainStock,
  nodes: readonly number[],
  rates: ChainRates,
  longer: Longer | undefined,
): number {
  const { cluster, mostNodes } = stock;
  const each = mostLayersOf(machineOf(cluster, nodes[0]!).capacity);
  const shortest = Math.ceil(cluster.model.layers / Math.max(1, each));
  const deepest = longer === "any" ? mostStages(shortest) : shortest + LONGER;
  const longest = Math.min(nodes.length, mostNodes, deepest, cluster.model.layers);
  if (typeof longer === "number") return shortest + longer <= longest ? shortest + longer : 0;
  let best = 0;
  let most: readonly PlannedChain[] = [];
  let perNode = 0;
  for (const length of listLengths(shortest, longest, nodes.length)) {
    const copies = Math.floor(nodes.length / length);
    const least = sumRates(most, rates) / copies;
    const chain = bestBalance(cluster, nodes.slice(0, length), rates, least);
    if (chain === undefined) continue;
    const all = Array.from({ length: copies }, () => chain);
    if (servesMore(cluster, [all, most], rates)) [best, most] = [length, all];
    const own = rates.of(chain) / length;
    if (length > shortest + LONGER && own < STILL_PAYS * perNode) break;
    perNode = Math.max(perNode, own);
  }
  return best;
}

/** All lengths near the shortest, then ever wider steps; of those that make as many copies the longest. */
function listLengths(shortest: number, longest: number, nodes: number): readonly number[] {
  const lengths: number[] = [];
  for (let length = shortest; length <= longest;) {
    const near = length < shortest + LONGER;
    lengths.push(near ? length : Math.min(longest, Math.floor(nodes / Math.floor(nodes / length))));
    length = near ? length + 1 : Math.max(length + 1, Math.ceil(STEP * lengths.at(-1)!));
  }
  return lengths;
}

/**
 * The better of the ways to share out layers among these nodes; undefined when nothing is served, or for certain no
 * more than `least`.
 */
export function bestBalance(
  cluster: Cluster,
  nodes: readonly number[],
  rates: ChainRates,
  least = 0,
): PlannedChain | undefined {
  let best: readonly PlannedChain[] = [];
  for (const balance of BALANCES) {
    const chain = balanceLayers(cluster, nodes, balance);
    if (chain === undefined) continue;
    if (rates.atMost(chain) + rates.noiseOf(chain) <= Math.max(least, sumRates(best, rates)))
      continue;
    if (servesMore(cluster, [[chain], best], rates)) best = [chain];
  }
  return best[0];
}

/** Chains of unlike nodes: inside each region first, then of whatever is left. */
export function chainLeftovers(
  stock: ChainStock,
  nodes: readonly number[],
  rates: ChainRates,
): readonly PlannedChain[] {
  const { cluster } = stock;
  const regions = new Map<number, number[]>();
  for (const node of nodes) {
    const region = regionOf(cluster, node);
    regions.set(region, [...(regions.get(region) ?? []), node]);
  }
  const chains: PlannedChain[] = [];
  const rest: number[] = [];
  for (const group of regions.values()) rest.push(...chainUp(stock, group, rates, chains));
  if (regions.size > 1) chainUp(stock, rest, rates, chains);
  return chains;
}

/** Makes chains of the nodes, the largest first; returns those that no chain took. */
function chainUp(
  { cluster, mostNodes }: ChainStock,
  nodes: readonly number[],
  rates: ChainRates,
  chains: PlannedChain[],
): readonly number[] {
  const room = (node: number): number => mostLayersOf(machineOf(cluster, node).capacity);
  let left = nodes.toSorted((a, b) => room(b) - room(a) || a - b);
  for (;;) {
    let held = 0;
    let count = 0;
    while (held < cluster.model.layers && count < left.length) held += room(left[count++]!);
    if (held < cluster.model.layers || count > mostNodes) return left;
    const chain = bestBalance(cluster, orderForLinks(cluster, left.slice(0, count)), rates);
    if (chain === undefined) return left;
    chains.push(chain);
    left = left.slice(count);
  }
}

/** By region, the coordinator's first, so that a chain crosses between regions as seldom as it can. */
export function orderForLinks(cluster: Cluster, nodes: readonly number[]): readonly number[] {
  const home = cluster.coordinator.region;
  const far = (node: number): number => {
    const region = regionOf(cluster, node);
    return region === home ? -1 : region;
  };
  return nodes.toSorted((a, b) => far(a) - far(b) || a - b);
}

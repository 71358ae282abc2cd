import { machineOf, regionOf, type Cluster } from "../../../core/cluster.js";
import { mostLayersOf } from "../../../core/interval-capacity.js";
import type { ChainRates } from "./chain-rates.js";
import type { PlannedChain } from "./chain-layers.js";
import {
  bestBalance,
  LONGER,
  makeObviousChains,
  mostStages,
  orderForLinks,
  type ChainStock,
} from "./obvious-chains.js";

/** A plan that somebody would make by hand. */
export interface ObviousPlan {
  readonly name: string;
  readonly chains: readonly PlannedChain[];
}

/** Of so many machine types all subsets are looked at; of more, what leaves one out. */
const MOST_TYPES_FOR_SUBSETS = 4;
const MOST_DEPTH = 8;

/**
 * What anybody would make by hand: chains of equals of the best length, every machine alone, one pipeline per region and one of all, chains of every length, the
 * same with some machine types left out, with one machine left out, and within a depth. Made one after another as they
 * are asked for; alike chains are tried once.
 */
export function* listObvious(stock: ChainStock, rates: ChainRates): Generator<ObviousPlan> {
  const { cluster, nodes } = stock;
  yield { name: "chains of equals", chains: makeObviousChains(stock, rates) };
  yield { name: "every machine alone", chains: eachAlone(stock, rates) };
  yield { name: "one pipeline per region", chains: pipelinePerRegion(stock, nodes, rates) };
  yield { name: "one pipeline", chains: onePipeline(stock, nodes, rates) };
  yield { name: "long chains of equals", chains: makeObviousChains(stock, rates, "any") };
  const mixed = mixRegions(stock);
  for (let longer = 0; longer <= LONGER; longer += 1) {
    const name = `chains of equals, ${longer} above the shortest`;
    yield { name, chains: makeObviousChains(stock, rates, longer) };
    if (mixed !== undefined)
      yield { name: `${name}, across regions`, chains: makeObviousChains(mixed, rates, longer) };
  }
  yield { name: "chains of equals, filled", chains: makeObviousChains(stock, rates, "filled") };
  const typeOf = (node: number): number => cluster.nodes[node]!.machine;
  for (const types of subsets([...new Set(nodes.map(typeOf))])) {
    const part = nodes.filter((node) => types.has(typeOf(node)));
    const name = [...types].map((type) => cluster.machines[type]!.name).join(", ");
    yield { name: `${name} alone`, chains: makeObviousChains({ ...stock, nodes: part }, rates) };
    yield { name: `${name}, by region`, chains: pipelinePerRegion(stock, part, rates) };
    yield { name: `${name}, one pipeline`, chains: onePipeline(stock, part, rates) };
  }
  const seen = new Set<string>();
  for (const node of nodes) {
    const kind = `${typeOf(node)}@${regionOf(cluster, node)}`;
    if (seen.has(kind)) continue;
    seen.add(kind);
    const others = { ...stock, nodes: nodes.filter((one) => one !== node) };
    yield {
      name: `without ${cluster.nodes[node]!.id}`,
      chains: makeObviousChains(others, rates),
    };
  }
  for (let depth = 1; depth <= Math.min(MOST_DEPTH, stock.mostNodes); depth += 1) {
    const shallow = { ...stock, mostNodes: depth };
    yield { name: `depth ${depth}`, chains: makeObviousChains(shallow, rates) };
  }
}

/**
 * The same nodes in one region, neighbours from different ones: where links between regions are as wide as those inside, chains
 * may as well cross them. Undefined where there is one region.
 */
function mixRegions(stock: ChainStock): ChainStock | undefined {
  const { cluster, nodes } = stock;
  const seen = new Map<number, number>();
  const turns = nodes.map((node) => {
    const region = regionOf(cluster, node);
    const turn = seen.get(region) ?? 0;
    seen.set(region, turn + 1);
    return { node, turn };
  });
  if (seen.size < 2) return undefined;
  return {
    ...stock,
    nodes: turns.toSorted((a, b) => a.turn - b.turn).map(({ node }) => node),
    acrossRegions: true,
  };
}

function eachAlone({ cluster, nodes }: ChainStock, rates: ChainRates): readonly PlannedChain[] {
  return nodes.flatMap((node) => bestBalance(cluster, [node], rates) ?? []);
}

/** One pipeline of all, unless they are so many that they make several: a trial of very many stages takes long. */
function onePipeline(
  { cluster, mostNodes }: ChainStock,
  nodes: readonly number[],
  rates: ChainRates,
): readonly PlannedChain[] {
  if (nodes.length > Math.min(mostNodes, mostStages(countShortest(cluster, nodes)))) return [];
  const chain = bestBalance(cluster, orderForLinks(cluster, nodes), rates);
  return chain === undefined ? [] : [chain];
}

/** The fewest of these nodes that hold the model, ends aside. */
function countShortest(cluster: Cluster, nodes: readonly number[]): number {
  const room = nodes.map((node) => mostLayersOf(machineOf(cluster, node).capacity));
  let held = 0;
  let count = 0;
  for (const layers of room.sort((a, b) => b - a)) {
    if (held >= cluster.model.layers) break;
    held += layers;
    count += 1;
  }
  return count;
}

function pipelinePerRegion(
  stock: ChainStock,
  nodes: readonly number[],
  rates: ChainRates,
): readonly PlannedChain[] {
  const regions = new Set(nodes.map((node) => regionOf(stock.cluster, node)));
  return [...regions].flatMap((region) =>
    onePipeline(
      stock,
      nodes.filter((node) => regionOf(stock.cluster, node) === region),
      rates,
    ),
  );
}

/** All real parts of a few types; of many, the wholes without one, and each alone. */
function subsets(types: readonly number[]): readonly ReadonlySet<number>[] {
  if (types.length > MOST_TYPES_FOR_SUBSETS) {
    return [
      ...types.map((type) => new Set(types.filter((one) => one !== type))),
      ...types.map((type) => new Set([type])),
    ];
  }
  const parts: ReadonlySet<number>[] = [];
  for (let mask = 1; mask < 2 ** types.length - 1; mask += 1)
    parts.push(new Set(types.filter((_, at) => (mask >> at) % 2 === 1)));
  return parts;
}

import { hostOf, machineOf, regionOf, type Cluster } from "../../../core/cluster.js";
import { holdsLayers } from "../../../core/interval-capacity.js";
import type { LayerInterval } from "../../../core/placement.js";
import { describeLikeness, type PlannedChain } from "./chain-layers.js";
import type { ChainRates } from "./chain-rates.js";
import { servesMore } from "./compare-chains.js";

/** Another order of a chain's nodes, or other layers for them: by place, who stood there before, and how many it holds. */
export interface ChainChange {
  readonly places: readonly number[];
  readonly held: readonly number[];
}

/** So many layers go from one node to another. Undefined where none is left to the first. */
export function shiftLayers(
  { layers }: PlannedChain,
  [from, to]: readonly [from: number, to: number],
  count: number,
): ChainChange | undefined {
  const held = countHeld(layers);
  held[from]! -= count;
  held[to]! += count;
  return held[from]! < 1 ? undefined : { places: [...held.keys()], held };
}

/**
 * Two runs of alike nodes ({@link listRuns}) change places, with the layers that they hold: who sends where, and how long, is not
 * the same then. Undefined where they are of different regions: between these chains cross as seldom as they can.
 */
export function exchangeRuns(
  cluster: Cluster,
  { nodes, layers }: PlannedChain,
  [one, other]: readonly [one: number, other: number],
): ChainChange | undefined {
  const runs = listRuns(cluster, nodes);
  const regionAt = (run: number): number => regionOf(cluster, nodes[runs[run]![0]!]!);
  if (one === other || regionAt(one) !== regionAt(other)) return undefined;
  const places = runs
    .map((run, at) => (at === one ? runs[other]! : at === other ? runs[one]! : run))
    .flat();
  const held = countHeld(layers);
  return { places, held: places.map((at) => held[at]!) };
}

/** Places in a chain, by runs of nodes of one machine, or of one type of machine in one region. */
export function listRuns(
  cluster: Cluster,
  nodes: readonly number[],
): readonly (readonly number[])[] {
  const runs: number[][] = [];
  const keyOf = (node: number): string =>
    `${hostOf(cluster, node)} ${cluster.nodes[node]!.machine} ${regionOf(cluster, node)}`;
  nodes.forEach((node, at) => {
    if (at > 0 && keyOf(node) === keyOf(nodes[at - 1]!)) runs.at(-1)!.push(at);
    else runs.push([at]);
  });
  return runs;
}

/**
 * What is one change away: a layer from one kind of node to another, by nodes of one type that hold as many, and two runs that
 * change places. O(kinds² + runs²) changes.
 */
export function* listChanges(cluster: Cluster, chain: PlannedChain): Generator<ChainChange> {
  const held = countHeld(chain.layers);
  const kinds = new Map<string, { first: number; last: number }>();
  chain.nodes.forEach((node, at) => {
    const key = `${cluster.nodes[node]!.machine} ${regionOf(cluster, node)} ${held[at]!}`;
    kinds.set(key, { first: kinds.get(key)?.first ?? at, last: at });
  });
  for (const { last: from } of kinds.values())
    for (const { first: to } of kinds.values()) {
      const shifted = from === to ? undefined : shiftLayers(chain, [from, to], 1);
      if (shifted !== undefined) yield shifted;
    }
  const runs = listRuns(cluster, chain.nodes);
  for (const one of runs.keys())
    for (let other = one + 1; other < runs.length; other += 1) {
      const exchanged = exchangeRuns(cluster, chain, [one, other]);
      if (exchanged !== undefined) yield exchanged;
    }
}

/** The chains with one, and those alike, changed where it serves more then; as they are otherwise. A trial or two. */
export function changeAlike(
  cluster: Cluster,
  chains: readonly PlannedChain[],
  rates: ChainRates,
  chain: PlannedChain,
  change: ChainChange,
): readonly PlannedChain[] {
  const changed = layChain(chain, change);
  const fits = changed.nodes.every((node, at) =>
    holdsLayers(machineOf(cluster, node).capacity, changed.layers[at]!),
  );
  const before = rates.of(chain);
  if (!fits || rates.atMost(changed) <= before || rates.of(changed) <= before) return chains;
  if (!servesMore(cluster, [[changed], [chain]], rates)) return chains;
  const like = describeLikeness(cluster, chain);
  return chains.map((one) =>
    describeLikeness(cluster, one) === like ? layChain(one, change) : one,
  );
}

function countHeld(layers: readonly LayerInterval[]): number[] {
  return layers.map(([first, end]) => end - first);
}

function layChain({ nodes }: PlannedChain, { places, held }: ChainChange): PlannedChain {
  let start = 0;
  return {
    nodes: places.map((at) => nodes[at]!),
    layers: held.map((count): LayerInterval => [start, (start += count)]),
  };
}

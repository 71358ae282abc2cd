/**
 * Placements by rules that people and other projects go by, written apart from the planner's own candidates:
 * replicas first, then the shortest chains of like machines (GPUStack, Parallax), rings by memory (exo), one pipeline
 * per region, pooled stages of two kinds (PPipe), all of them for every subset of machine kinds; and the
 * baselines of the literature, Petals with several seeds.
 */
import { machineOf, regionOf, type Cluster } from "../src/core/cluster.js";
import { holdsLayers } from "../src/core/interval-capacity.js";
import type { LayerInterval, Placement } from "../src/core/placement.js";
import { BASELINES, placeBaseline } from "../src/planner/starts/baselines.js";

export interface Rival {
  readonly name: string;
  readonly placement: Placement;
  /** Undefined for methods whose pipelines share nodes. */
  readonly chains?: readonly RivalChain[];
}

type Nodes = readonly number[];
export interface RivalChain {
  readonly nodes: Nodes;
  readonly layers: readonly LayerInterval[];
}
type Chain = RivalChain;
type Split = (cluster: Cluster, nodes: Nodes) => Chain | undefined;

/** Kinds of which every subset is looked at. */
const MOST_KINDS = 4;
/** Petals draws the order in which nodes come. */
const PETALS_SEEDS = [1, 2, 3, 4, 5];
/** Chains of equals longer than the shortest by at most so many machines. */
const LONGER = 3;

export function listRivals(cluster: Cluster): readonly Rival[] {
  const all = cluster.nodes.map((_, node) => node).filter((node) => room(cluster, node) > 0);
  const kinds = [...groupBy(all, (node) => machineOf(cluster, node).name).keys()];
  const rivals = subsetsOf(kinds).flatMap((subset) => {
    const nodes = all.filter((node) => subset.has(machineOf(cluster, node).name));
    return rulesOf(cluster, nodes).map(([rule, chains]) => ({
      name: `${rule} of ${[...subset].join("+")}`,
      placement: place(cluster, chains),
      chains,
    }));
  });
  const known = BASELINES.flatMap(({ name }) =>
    (name === "petals" ? PETALS_SEEDS : [1]).flatMap((seed) => {
      const outcome = placeBaseline(cluster, name, seed);
      return outcome.kind === "placement" ? [{ name, placement: outcome.placement }] : [];
    }),
  );
  return [...rivals, ...known].filter(({ placement }) => placement.some((held) => held !== null));
}

function rulesOf(cluster: Cluster, nodes: Nodes): readonly (readonly [string, readonly Chain[]])[] {
  const made: (readonly [string, readonly Chain[]])[] = [];
  made.push(["alone", nodes.flatMap((node) => evenly(cluster, [node]) ?? [])]);
  for (let longer = 0; longer <= LONGER; longer += 1) {
    const { chains, left } = equals(cluster, nodes, longer);
    made.push([`equals +${longer}`, chains]);
    made.push([`equals +${longer}, then greedy`, [...chains, ...greedy(cluster, left)]]);
  }
  const regions = [...groupBy(nodes, (node) => regionOf(cluster, node)).values()];
  for (const [name, split] of [
    ["by memory", byMemory],
    ["by speed", bySpeed],
  ] as const) {
    made.push([
      `pipeline per region, ${name}`,
      regions.flatMap((own) => split(cluster, sortByMemory(cluster, own)) ?? []),
    ]);
    made.push([`ring ${name}`, [split(cluster, sortByMemory(cluster, nodes)) ?? []].flat()]);
    made.push([`ring of regions ${name}`, [split(cluster, regions.flat()) ?? []].flat()]);
  }
  made.push(["greedy", greedy(cluster, nodes)]);
  return [...made, ...pooled(cluster, nodes)];
}

/** Machines of one kind in one region in chains of one length: the shortest possible and so many more. */
function equals(
  cluster: Cluster,
  nodes: Nodes,
  longer: number,
): { readonly chains: readonly Chain[]; readonly left: Nodes } {
  const chains: Chain[] = [];
  const left: number[] = [];
  const groups = groupBy(
    nodes,
    (node) => `${machineOf(cluster, node).name}@${regionOf(cluster, node)}`,
  );
  for (const group of groups.values()) {
    const length = Math.ceil(cluster.model.layers / room(cluster, group[0]!)) + longer;
    let at = 0;
    for (; at + length <= group.length; at += length) {
      const chain = evenly(cluster, group.slice(at, at + length));
      if (chain === undefined) break;
      chains.push(chain);
    }
    left.push(...group.slice(at));
  }
  return { chains, left };
}

/** The largest memories first, as few as hold the model, again and again. */
function greedy(cluster: Cluster, nodes: Nodes): readonly Chain[] {
  const chains: Chain[] = [];
  let current: number[] = [];
  for (const node of sortByMemory(cluster, nodes)) {
    current.push(node);
    if (current.reduce((sum, each) => sum + room(cluster, each), 0) < cluster.model.layers)
      continue;
    const chain = bySpeed(cluster, current) ?? byMemory(cluster, current);
    if (chain === undefined) continue;
    chains.push(chain);
    current = [];
  }
  return chains;
}

/** Chains that begin with a few machines of one kind and end with a few of another. */
function pooled(cluster: Cluster, nodes: Nodes): readonly (readonly [string, readonly Chain[]])[] {
  const kinds = [...groupBy(nodes, (node) => machineOf(cluster, node).name)];
  return kinds.flatMap(([first, own]) =>
    kinds.flatMap(([second, others]) => {
      if (first === second) return [];
      return [1, 2, 3].flatMap((heads) =>
        [1, 2, 3].map((tails) => {
          const copies = Math.floor(Math.min(own.length / heads, others.length / tails));
          const chains = Array.from({ length: copies }, (_, copy) =>
            bySpeed(cluster, [
              ...own.slice(copy * heads, (copy + 1) * heads),
              ...others.slice(copy * tails, (copy + 1) * tails),
            ]),
          );
          return [`pools ${heads}:${tails}`, chains.flatMap((chain) => chain ?? [])] as const;
        }),
      );
    }),
  );
}

const evenly: Split = (cluster, nodes) =>
  shareOut(
    cluster,
    nodes,
    nodes.map(() => 1),
  );

const byMemory: Split = (cluster, nodes) =>
  shareOut(
    cluster,
    nodes,
    nodes.map((node) => room(cluster, node)),
  );

const bySpeed: Split = (cluster, nodes) =>
  shareOut(
    cluster,
    nodes,
    nodes.map((node) => machineOf(cluster, node).capacity.tokensPerSecond[0] ?? 0),
  );

/** Layers in proportion to the weights, none above what a node has room for. */
function shareOut(cluster: Cluster, nodes: Nodes, weights: readonly number[]): Chain | undefined {
  const { layers } = cluster.model;
  if (nodes.length > layers) return undefined;
  const held = nodes.map(() => 1);
  for (let left = layers - nodes.length; left > 0; left -= 1) {
    let best = -1;
    nodes.forEach((node, at) => {
      if (held[at]! >= room(cluster, node)) return;
      const load = (held[at]! + 1) / weights[at]!;
      if (best < 0 || load < (held[best]! + 1) / weights[best]!) best = at;
    });
    if (best < 0) return undefined;
    held[best]! += 1;
  }
  let start = 0;
  const intervals = held.map((count): LayerInterval => [start, (start += count)]);
  const fits = intervals.every((interval, at) =>
    holdsLayers(machineOf(cluster, nodes[at]!).capacity, interval),
  );
  return fits ? { nodes, layers: intervals } : undefined;
}

function place(cluster: Cluster, chains: readonly Chain[]): Placement {
  const placement: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  for (const { nodes, layers } of chains)
    nodes.forEach((node, at) => {
      placement[node] = layers[at]!;
    });
  return placement;
}

const room = (cluster: Cluster, node: number): number =>
  machineOf(cluster, node).capacity.maxLayers;

const sortByMemory = (cluster: Cluster, nodes: Nodes): Nodes =>
  nodes.toSorted((a, b) => room(cluster, b) - room(cluster, a) || a - b);

function groupBy<Key>(nodes: Nodes, keyOf: (node: number) => Key): ReadonlyMap<Key, Nodes> {
  const groups = new Map<Key, number[]>();
  for (const node of nodes) {
    const key = keyOf(node);
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  return groups;
}

/** Of many kinds the whole, all but one, and each alone. */
function subsetsOf(kinds: readonly string[]): readonly ReadonlySet<string>[] {
  if (kinds.length > MOST_KINDS)
    return [
      new Set(kinds),
      ...kinds.flatMap((kind) => [
        new Set([kind]),
        new Set(kinds.filter((other) => other !== kind)),
      ]),
    ];
  return Array.from(
    { length: 2 ** kinds.length - 1 },
    (_, at) => new Set(kinds.filter((_, kind) => ((at + 1) >> kind) % 2 === 1)),
  );
}

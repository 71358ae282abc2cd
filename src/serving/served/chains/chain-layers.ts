import { hostOf, machineOf, type Cluster } from "../../../core/cluster.js";
import {
  holdsLayers,
  kvTokensOfLayers,
  mostLayersOf,
  rateOfLayers,
} from "../../../core/interval-capacity.js";
import type { LayerInterval } from "../../../core/placement.js";

/** A chain of a plan: nodes in order, with what each holds. */
export interface PlannedChain {
  readonly nodes: readonly number[];
  readonly layers: readonly LayerInterval[];
}

/** What decides how many layers each node of a chain gets. */
export type Balance = "speed" | "memory";
export const BALANCES: readonly Balance[] = ["speed", "memory"];

/**
 * Layers for the nodes of a chain, one after another to the node that is best off with one more: the
 * one that is then the fastest of all ("speed": the slowest stage sets a chain's pace), or that still has
 * most room for KV ("memory": the poorest stage sets a chain's batch). Every node gets one at least.
 * Undefined when the nodes do not hold the model. O(layers · nodes), more often where what fits depends on
 * which layers they are.
 */
export function balanceLayers(
  cluster: Cluster,
  nodes: readonly number[],
  balance: Balance,
): PlannedChain | undefined {
  if (nodes.length > cluster.model.layers) return undefined;
  const most = nodes.map((node) => mostLayersOf(machineOf(cluster, node).capacity));
  for (;;) {
    const held = shareOut(cluster, nodes, balance, most);
    if (held === undefined) return undefined;
    let start = 0;
    const layers = held.map((count): LayerInterval => [start, (start += count)]);
    const tooMany = layers.findIndex(
      (interval, at) => !holdsLayers(machineOf(cluster, nodes[at]!).capacity, interval),
    );
    if (tooMany < 0) return { nodes, layers };
    most[tooMany] = held[tooMany]! - 1;
  }
}

/** @param most layers of each node. */
function shareOut(
  cluster: Cluster,
  nodes: readonly number[],
  balance: Balance,
  most: readonly number[],
): readonly number[] | undefined {
  const { layers } = cluster.model;
  if (most.some((count) => count < 1)) return undefined;
  const capacities = nodes.map((node) => machineOf(cluster, node).capacity);
  const held = nodes.map(() => 1);
  const worth = (at: number): number => {
    const more = held[at]! + 1;
    if (more > most[at]!) return -1;
    const start = at === 0 ? 0 : at === nodes.length - 1 ? layers - more : 1;
    const interval: LayerInterval = [start, start + more];
    return balance === "speed"
      ? rateOfLayers(capacities[at]!, interval)
      : Math.min(Number.MAX_VALUE, kvTokensOfLayers(capacities[at]!, interval) ?? Infinity);
  };
  for (let left = layers - nodes.length; left > 0; left -= 1) {
    let best = -1;
    let value = -1;
    for (let at = 0; at < nodes.length; at += 1) {
      const own = worth(at);
      if (own > value) [best, value] = [at, own];
    }
    if (best < 0) return undefined;
    held[best]! += 1;
  }
  return held;
}

/**
 * What tells chains apart that serve alike: machines, layers, links and which nodes are parts of one machine, whose
 * wires they share, not the nodes' names. O(nodes).
 */
export function describeLikeness(cluster: Cluster, { nodes, layers }: PlannedChain): string {
  const hosts: number[] = [];
  return nodes
    .map((node, at) => {
      const { id, machine, region } = cluster.nodes[node]!;
      const own = cluster.network.exceptions.has(node) ? `#${id}` : "";
      const held = layers[at]![1] - layers[at]![0];
      return `${machine}@${region}${own}${describeHost(cluster, node, hosts)}:${held}`;
    })
    .join(" ");
}

/** @param hosts of the nodes before, by first appearance; that of the node is added. */
function describeHost(cluster: Cluster, node: number, hosts: number[]): string {
  const host = hostOf(cluster, node);
  if (host < 0) return "";
  if (!hosts.includes(host)) hosts.push(host);
  return `/${hosts.indexOf(host)}of${countParts(cluster).get(host)!}`;
}

/** Chains are compared by the thousand, and a rack is parted into a thousand cards: counted once per cluster. */
const partsByCluster = new WeakMap<Cluster, ReadonlyMap<number, number>>();

/** The nodes of each host. */
function countParts(cluster: Cluster): ReadonlyMap<number, number> {
  const known = partsByCluster.get(cluster);
  if (known !== undefined) return known;
  const parts = new Map<number, number>();
  for (const node of cluster.nodes.keys()) {
    const host = hostOf(cluster, node);
    parts.set(host, (parts.get(host) ?? 0) + 1);
  }
  partsByCluster.set(cluster, parts);
  return parts;
}

/** The other parts of these nodes' machines, ascending. Parts of one machine are beside each other. */
export function listSiblings(cluster: Cluster, nodes: readonly number[]): readonly number[] {
  const siblings = new Set<number>();
  for (const node of nodes) {
    const host = hostOf(cluster, node);
    if (host < 0) continue;
    for (const step of [-1, 1]) {
      for (let at = node + step; hostOf(cluster, at) === host; at += step) siblings.add(at);
    }
  }
  for (const node of nodes) siblings.delete(node);
  return [...siblings].toSorted((a, b) => a - b);
}

import { machineOf, type Cluster } from "../../../core/cluster.js";
import type { LayerInterval } from "../../../core/placement.js";
import { kvCapacityTokens } from "../../../engines/node-limits.js";

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
 * Undefined when the nodes do not hold the model. O(layers · nodes).
 */
export function balanceLayers(
  cluster: Cluster,
  nodes: readonly number[],
  balance: Balance,
): PlannedChain | undefined {
  const { layers } = cluster.model;
  if (nodes.length > layers) return undefined;
  const capacities = nodes.map((node) => machineOf(cluster, node).capacity);
  const held = nodes.map(() => 1);
  const worth = (at: number): number => {
    const more = held[at]! + 1;
    const capacity = capacities[at]!;
    if (more > capacity.maxLayers) return -1;
    return balance === "speed"
      ? capacity.tokensPerSecond[more - 1]!
      : Math.min(Number.MAX_VALUE, kvCapacityTokens(capacity, more));
  };
  if (capacities.some(({ maxLayers }) => maxLayers < 1)) return undefined;
  for (let left = layers - nodes.length; left > 0; left -= 1) {
    let best = -1;
    let most = -1;
    for (let at = 0; at < nodes.length; at += 1) {
      const value = worth(at);
      if (value > most) [best, most] = [at, value];
    }
    if (best < 0) return undefined;
    held[best]! += 1;
  }
  let start = 0;
  return {
    nodes,
    layers: held.map((count): LayerInterval => [start, (start += count)]),
  };
}

/** What tells chains apart that serve alike: machines, layers and links, not the nodes' names. */
export function describeLikeness(cluster: Cluster, { nodes, layers }: PlannedChain): string {
  return nodes
    .map((node, at) => {
      const { machine, region } = cluster.nodes[node]!;
      const own = cluster.network.exceptions.has(node) ? `#${node}` : "";
      return `${machine}@${region}${own}:${layers[at]![1] - layers[at]![0]}`;
    })
    .join(" ");
}

import { COORDINATOR, linkBetween, type Cluster } from "../../../core/cluster.js";
import type { Placement } from "../../../core/placement.js";
import type { LinkFlow } from "../../../planner/graph/evaluate-placement.js";
import { listSiblings, type PlannedChain } from "./chain-layers.js";

/** A chain beside the other parts of its machines, which have their share of the wires. */
export function placeOnTrial(cluster: Cluster, chain: PlannedChain): Placement {
  const placement = [...placeChains(cluster, [chain])];
  for (const node of listSiblings(cluster, chain.nodes)) placement[node] = [0, 1];
  return placement;
}

/** The links of a chain, out and back. */
export function linksOf({ nodes }: PlannedChain): readonly LinkFlow[] {
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

/** Whether every link of it is there, out and back. */
export function isLinked(cluster: Cluster, { nodes }: PlannedChain): boolean {
  const way = [COORDINATOR, ...nodes, COORDINATOR];
  return way.every((from, at) => at + 1 === way.length || linkBetween(cluster, from, way[at + 1]!));
}

import { COORDINATOR, hostOf, linkBetween, type Cluster } from "../../../core/cluster.js";
import type { Placement } from "../../../core/placement.js";
import type { LinkFlow } from "../../../planner/graph/evaluate-placement.js";
import { listSiblings, type PlannedChain } from "./chain-layers.js";

/**
 * A chain beside the other parts of its machines, which have their share of the wires: they hold what the chain's own parts of
 * the machine do, over and over.
 */
export function placeOnTrial(cluster: Cluster, chain: PlannedChain): Placement {
  const placement = [...placeChains(cluster, [chain])];
  const turns = new Map<number, number>();
  for (const node of listSiblings(cluster, chain.nodes)) {
    const host = hostOf(cluster, node);
    const own = chain.layers.filter((_, at) => hostOf(cluster, chain.nodes[at]!) === host);
    const turn = turns.get(host) ?? 0;
    turns.set(host, turn + 1);
    placement[node] = own[turn % own.length]!;
  }
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

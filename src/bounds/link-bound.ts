import { COORDINATOR, linkBetween, type Cluster } from "../cluster/cluster.js";
import { groupMachines, type NodeRestrictions } from "../milp/machine-classes.js";
import { OUTWARD } from "./compute-bounds.js";

/** Above so many nodes all pairs are too many to look at. */
const MOST_NODES = 1500;
/** Prices of a hop that are tried, as shares of the layers. */
const PRICES: readonly number[] = [
  0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.55, 0.75, 1,
];

interface LinkedNode {
  readonly options: readonly { readonly layers: number; readonly rate: number }[];
  /** Tokens/s over all links between it and other nodes, of each pair the better direction. */
  readonly links: number;
}

/**
 * Compute sum with links. Let f_i be what passes node i, X what passes links between nodes. A token that visits h nodes
 * takes h − 1 links, so Σ f_i = F + X. Of the two links between two nodes only one is ever legal (one
 * interval ends first), so 2X ≤ Σ_i min(2·f_i, D_i) with D_i the sum over the other nodes of the better
 * link. Σ f_i·k_i ≥ L·F then gives, for every price μ ≥ 0 of a hop,
 *
 *   Σ_i max_k max_{f ≤ min(T_i(k), F)} (f·(k − μ) + μ·min(f, D_i/2)) ≥ (L − μ)·F.
 *
 * The largest F that no price refutes, rounded outwards. Valid for every placement. O(nodes² + steps · nodes · K).
 */
export function linkedSumBound(
  cluster: Cluster,
  restrictions: NodeRestrictions,
  upperBound: number,
): number {
  if (cluster.nodes.length > MOST_NODES) return upperBound;
  const { layers } = cluster.model;
  const nodes = listNodes(cluster, restrictions);
  let infeasible = upperBound;
  let feasible = 0;
  for (let step = 0; step < 50 && infeasible - feasible > 1e-9 * infeasible; step++) {
    const flow = (feasible + infeasible) / 2;
    if (PRICES.some((share) => isRefuted(nodes, layers, share * layers, flow))) infeasible = flow;
    else feasible = flow;
  }
  return infeasible;
}

function isRefuted(
  nodes: readonly LinkedNode[],
  layers: number,
  price: number,
  flow: number,
): boolean {
  let sum = 0;
  for (const { options, links } of nodes) {
    let best = 0;
    for (const { layers: held, rate } of options) {
      const most = Math.min(rate, flow);
      const linked = Math.min(most, links / 2);
      // Concave in f: the best is at the links' end or at the most.
      best = Math.max(best, linked * held, most * (held - price) + price * linked);
    }
    sum += best;
  }
  return sum < (layers - price) * flow * (1 - OUTWARD);
}

function listNodes(cluster: Cluster, restrictions: NodeRestrictions): readonly LinkedNode[] {
  return groupMachines(cluster, restrictions).flatMap(({ nodes, options }) =>
    nodes.map((node) => ({ options, links: linksAt(cluster, node) })),
  );
}

function linksAt(cluster: Cluster, node: number): number {
  const width = (from: number, to: number): number =>
    linkBetween(cluster, from, to)?.bandwidthBytesPerSecond ?? 0;
  let sum = 0;
  for (let other = 0; other < cluster.nodes.length; other++) {
    if (other !== node) sum += Math.max(width(node, other), width(other, node));
  }
  return (sum / cluster.model.activationBytes) * (1 + OUTWARD);
}

export { COORDINATOR };

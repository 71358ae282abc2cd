import { COORDINATOR, linkBetween, machineOf, type Cluster } from "../../core/cluster.js";

/** Clusters up to this many nodes get a table of link capacities; larger ones look each link up. */
const TABLE_NODES = 1500;

/** Link capacities in tokens/s by node pair, 0 where there is no link. */
export interface LinkCapacities {
  between(from: number, to: number): number;
  readonly fromCoordinator: Float64Array;
  readonly toCoordinator: Float64Array;
  /** Node NICs in tokens/s, for activations and for token ids. */
  readonly nicActivations: Float64Array;
  readonly nicTokens: Float64Array;
  /** The coordinator's NIC in tokens/s. */
  readonly coordinatorNic: number;
}

/** O(nodes²) memory up to 1,500 nodes, O(nodes) beyond. */
export function tabulateLinks(cluster: Cluster): LinkCapacities {
  const { activationBytes, tokenBytes } = cluster.model;
  const count = cluster.nodes.length;
  const capacity = (from: number, to: number, bytes: number): number =>
    (linkBetween(cluster, from, to)?.bandwidthBytesPerSecond ?? 0) / bytes;
  const nodes = Array.from({ length: count }, (_, node) => node);
  const nic = nodes.map((node) => machineOf(cluster, node).nicBytesPerSecond);
  const common = {
    fromCoordinator: Float64Array.from(nodes, (node) => capacity(COORDINATOR, node, tokenBytes)),
    toCoordinator: Float64Array.from(nodes, (node) => capacity(node, COORDINATOR, tokenBytes)),
    nicActivations: Float64Array.from(nic, (bytes) => bytes / activationBytes),
    nicTokens: Float64Array.from(nic, (bytes) => bytes / tokenBytes),
    coordinatorNic: cluster.coordinator.nicBytesPerSecond / tokenBytes,
  };
  if (count > TABLE_NODES)
    return { ...common, between: (from, to) => capacity(from, to, activationBytes) };
  const table = new Float64Array(count * count);
  for (const from of nodes)
    for (const to of nodes) table[from * count + to] = capacity(from, to, activationBytes);
  return { ...common, between: (from, to) => table[from * count + to]! };
}

/**
 * Whether no flow of up to `throughput` tokens/s can ever fill a link or NIC, and all links exist:
 * then a placement's max flow with partial inference is what its weakest layer computes.
 * O(nodes²).
 */
export function networkIsThick(
  links: LinkCapacities,
  mostTokens: Float64Array,
  throughput: number,
): boolean {
  if (links.coordinatorNic < throughput) return false;
  for (let i = 0; i < mostTokens.length; i++) {
    const most = Math.min(mostTokens[i]!, throughput);
    if (most === 0) continue;
    if (links.nicActivations[i]! < most || links.nicTokens[i]! < most) return false;
    if (links.fromCoordinator[i]! < most || links.toCoordinator[i]! < most) return false;
    for (let j = 0; j < mostTokens.length; j++) {
      if (i !== j && links.between(i, j) < Math.min(most, mostTokens[j]!)) return false;
    }
  }
  return true;
}

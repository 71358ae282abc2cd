import { COORDINATOR, linkBetween, machineOf, type Cluster } from "../../core/cluster.js";

/** What single nodes and links let through, tokens/s. */
export interface NodeSpeeds {
  /** Best rate with so many layers or more, by layers (index 0 to layers + 1): T need not fall. */
  best(node: number): Float64Array;
  /** From one node to another, as far as both their NICs go. */
  between(from: number, to: number): number;
  /** From the coordinator into a node, and back. */
  entry(node: number): number;
  exit(node: number): number;
  readonly coordinator: number;
}

export function measureSpeeds(cluster: Cluster): NodeSpeeds {
  const { layers, activationBytes, tokenBytes } = cluster.model;
  const linked = (from: number, to: number, bytes: number): number =>
    (linkBetween(cluster, from, to)?.bandwidthBytesPerSecond ?? 0) / bytes;
  const nic = (node: number): number => machineOf(cluster, node).nicBytesPerSecond;
  return {
    best(node) {
      const table = machineOf(cluster, node).capacity.tokensPerSecond;
      const most = new Float64Array(layers + 2);
      for (let k = layers; k >= 1; k--) most[k] = Math.max(most[k + 1]!, table[k - 1] ?? 0);
      return most;
    },
    between: (from, to) =>
      Math.min(linked(from, to, activationBytes), Math.min(nic(from), nic(to)) / activationBytes),
    entry: (node) => Math.min(linked(COORDINATOR, node, tokenBytes), nic(node) / tokenBytes),
    exit: (node) => Math.min(linked(node, COORDINATOR, tokenBytes), nic(node) / tokenBytes),
    coordinator: cluster.coordinator.nicBytesPerSecond / tokenBytes,
  };
}

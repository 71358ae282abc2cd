import { machineOf, type Cluster } from "../../core/cluster.js";
import { layerCount, type LayerInterval } from "../../core/placement.js";

/** Tokens/s of a node when it holds the interval; 0 beyond what its machine can hold. */
export function capacityOf(cluster: Cluster, node: number, interval: LayerInterval): number {
  return machineOf(cluster, node).capacity.tokensPerSecond[layerCount(interval) - 1] ?? 0;
}

/** Most layers the node can hold. */
export function mostLayers(cluster: Cluster, node: number): number {
  const { maxLayers, tokensPerSecond } = machineOf(cluster, node).capacity;
  return Math.min(maxLayers, tokensPerSecond.length, cluster.model.layers);
}

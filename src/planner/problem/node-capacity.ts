import { machineOf, type Cluster } from "../../core/cluster.js";
import { mostLayersOf, rateOfLayers } from "../../core/interval-capacity.js";
import type { LayerInterval } from "../../core/placement.js";

/** Tokens/s of a node when it holds the interval; 0 beyond what its machine can hold. */
export function capacityOf(cluster: Cluster, node: number, interval: LayerInterval): number {
  return rateOfLayers(machineOf(cluster, node).capacity, interval);
}

/** Most layers the node can hold, of any interval. */
export function mostLayers(cluster: Cluster, node: number): number {
  return Math.min(mostLayersOf(machineOf(cluster, node).capacity), cluster.model.layers);
}

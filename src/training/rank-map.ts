import type { TrainingCluster } from "./training-cluster.js";
import type { Strategy } from "./strategies.js";

/** The global rank of (stage, replica, tensor index): tensor fastest, then data, then pipeline. */
export function rankOf(
  strategy: Strategy,
  stage: number,
  replica: number,
  tensorIndex: number,
): number {
  return (stage * strategy.dataParallel + replica) * strategy.tensorParallel + tensorIndex;
}

/**
 * Node of every rank when nodes take ranks in the given order, each as many as it has GPUs.
 * @param order node indices, each once.
 * @returns length: GPUs of the cluster.
 */
export function nodesOfRanks(cluster: TrainingCluster, order: readonly number[]): Int32Array {
  return Int32Array.from(
    order.flatMap((node) => {
      const gpus = cluster.machines[cluster.nodes[node]!.machine]!.gpus;
      return Array.from({ length: gpus }, () => node);
    }),
  );
}

/** Nodes that hold a GPU of a stage, ascending by rank, each once. */
export function nodesOfStage(
  strategy: Strategy,
  rankNodes: Int32Array,
  stage: number,
): readonly number[] {
  const first = rankOf(strategy, stage, 0, 0);
  const width = strategy.dataParallel * strategy.tensorParallel;
  return [...new Set(rankNodes.subarray(first, first + width))];
}

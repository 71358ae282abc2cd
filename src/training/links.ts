import { linkBytesPerSecond, type TrainingCluster } from "./training-cluster.js";
import { rankOf } from "./rank-map.js";
import type { Strategy } from "./strategies.js";

/**
 * Seconds per byte across the border behind a stage: mean over replicas of the slowest of its tensor
 * ranks' links (design note section 2, c_b / V).
 */
export function borderSecondsPerByte(
  cluster: TrainingCluster,
  strategy: Strategy,
  rankNodes: Int32Array,
  stage: number,
): number {
  let sum = 0;
  for (let replica = 0; replica < strategy.dataParallel; replica++) {
    let slowest = Infinity;
    for (let tensor = 0; tensor < strategy.tensorParallel; tensor++) {
      const from = rankNodes[rankOf(strategy, stage, replica, tensor)]!;
      const to = rankNodes[rankOf(strategy, stage + 1, replica, tensor)]!;
      slowest = Math.min(slowest, linkBytesPerSecond(cluster, from, to));
    }
    sum += 1 / slowest;
  }
  return sum / strategy.dataParallel;
}

/**
 * The link that bounds the gradient ring of one stage and tensor rank. `published` takes only the
 * link that closes the ring, as AMP's code does; the ring really is as fast as its slowest link.
 */
export function ringBytesPerSecond(
  cluster: TrainingCluster,
  strategy: Strategy,
  rankNodes: Int32Array,
  stage: number,
  tensor: number,
  published: boolean,
): number {
  const { dataParallel } = strategy;
  let slowest = Infinity;
  for (let replica = published ? dataParallel - 1 : 0; replica < dataParallel; replica++) {
    const from = rankNodes[rankOf(strategy, stage, replica, tensor)]!;
    const to = rankNodes[rankOf(strategy, stage, (replica + 1) % dataParallel, tensor)]!;
    slowest = Math.min(slowest, linkBytesPerSecond(cluster, from, to));
  }
  return slowest;
}

/** Ring all-reduce volume factor 2(dp − 1)/dp; 0 for a single replica. */
export function ringFactor(dataParallel: number): number {
  return (2 * (dataParallel - 1)) / dataParallel;
}

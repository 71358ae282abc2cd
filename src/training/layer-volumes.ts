import type { TrainingJob } from "./training-job.js";
import type { Strategy } from "./strategies.js";

/**
 * Elements that cross a border behind each layer, per micro-batch and tensor rank, V.
 * @returns length: layers.
 */
export function borderElements(job: TrainingJob, strategy: Strategy): readonly number[] {
  return job.layers.map((layer) => {
    const elements = strategy.microBatch * layer.outputElements;
    return layer.outputSplit ? elements / strategy.tensorParallel : elements;
  });
}

/**
 * Parameters per GPU of the layers [from, to): divided by tp, tied layers counted once. O(to − from).
 */
export function intervalParameters(
  job: TrainingJob,
  tensorParallel: number,
  from: number,
  to: number,
): number {
  const seen = new Set<string>();
  let sum = 0;
  for (let index = from; index < to; index++) {
    const layer = job.layers[index]!;
    if (layer.tie !== undefined) {
      if (seen.has(layer.tie)) continue;
      seen.add(layer.tie);
    }
    sum += layer.parameters / tensorParallel;
  }
  return sum;
}

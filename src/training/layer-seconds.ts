import type { TrainingJob } from "./training-job.js";
import type { Strategy } from "./strategies.js";

/** A forward pass costs itself, a backward pass two of them. */
export const FORWARD_PASSES = 1;
const BACKWARD_PASSES = 2;

/** Forward + backward over forward alone: 3, or 4 where the backward runs the forward once more. */
export function passesOf(job: TrainingJob): number {
  return FORWARD_PASSES + BACKWARD_PASSES + (job.memory.recompute ? FORWARD_PASSES : 0);
}

/**
 * Forward + backward seconds of every layer on one machine type for one micro-batch, e_l.
 * @returns length: layers.
 */
export function layerSeconds(
  job: TrainingJob,
  strategy: Strategy,
  machine: number,
): readonly number[] {
  const passes = passesOf(job);
  return job.times
    .forwardSeconds(machine, strategy.tensorParallel, strategy.microBatch)
    .map((seconds) => passes * seconds);
}

/**
 * The same, averaged over the cluster's GPUs: AMP charges every stage this average, wherever it sits.
 */
export function averageLayerSeconds(job: TrainingJob, strategy: Strategy): readonly number[] {
  const { machines, nodes } = job.cluster;
  const gpusOf = machines.map((machine, index) =>
    nodes.reduce((sum, node) => sum + (node.machine === index ? machine.gpus : 0), 0),
  );
  const all = gpusOf.reduce((a, b) => a + b, 0);
  const sums = job.layers.map(() => 0);
  machines.forEach((_machine, index) => {
    if (gpusOf[index] === 0) return;
    const share = gpusOf[index]! / all;
    layerSeconds(job, strategy, index).forEach((seconds, layer) => {
      sums[layer]! += share * seconds;
    });
  });
  return sums;
}

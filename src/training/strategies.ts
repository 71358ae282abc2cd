import { commonDivisor, divisorsOf } from "./divisors.js";
import { gpuCount } from "./training-cluster.js";
import type { TrainingJob } from "./training-job.js";

/** One point of the space of design note section 1: degrees of parallelism and the micro-batch. */
export interface Strategy {
  readonly microBatch: number;
  readonly tensorParallel: number;
  readonly dataParallel: number;
  readonly stages: number;
  /** Micro-batches per replica and iteration, B. */
  readonly microBatches: number;
}

/**
 * Every strategy of the job: tp over the divisors of the GPUs of a node (of every node, where they
 * differ) that have layer times, dp over the divisors of G/tp, m over the divisors of
 * globalBatch/dp. Ordered by m, then tp, then dp (AMP's enumeration, which breaks its ties).
 * Strategies with more stages than layers are left out.
 */
export function enumerateStrategies(job: TrainingJob): readonly Strategy[] {
  const gpus = gpuCount(job.cluster);
  const used = job.cluster.nodes.map((node) => job.cluster.machines[node.machine]!.gpus);
  const strategies: Strategy[] = [];
  for (const tensorParallel of divisorsOf(commonDivisor(used))) {
    if (!job.times.tensorDegrees.includes(tensorParallel)) continue;
    for (const dataParallel of divisorsOf(gpus / tensorParallel)) {
      if (job.globalBatch % dataParallel !== 0) continue;
      const stages = gpus / (tensorParallel * dataParallel);
      if (stages > job.layers.length) continue;
      const perReplica = job.globalBatch / dataParallel;
      for (const microBatch of divisorsOf(perReplica)) {
        strategies.push({
          microBatch,
          tensorParallel,
          dataParallel,
          stages,
          microBatches: perReplica / microBatch,
        });
      }
    }
  }
  return strategies.sort(
    (a, b) =>
      a.microBatch - b.microBatch ||
      a.tensorParallel - b.tensorParallel ||
      a.dataParallel - b.dataParallel,
  );
}

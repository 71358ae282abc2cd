import { intervalParameters } from "./layer-volumes.js";
import type { Strategy } from "./strategies.js";
import type { MemoryRules, TrainingJob } from "./training-job.js";

/** What one GPU of a stage holds, in bytes. */
export interface StageMemory {
  /** Weights, gradients and optimiser state. */
  readonly state: number;
  /** Activations kept for the micro-batches in flight. */
  readonly activations: number;
  readonly total: number;
}

/** Bytes per parameter held by one of dp replicas: ZeRO 1 spreads the optimiser, 2 gradients too, 3 all. */
export function bytesPerParameter(rules: MemoryRules, dataParallel: number): number {
  const { weightBytes, gradientBytes, optimizerBytes, zeroStage } = rules;
  return (
    (zeroStage >= 3 ? weightBytes / dataParallel : weightBytes) +
    (zeroStage >= 2 ? gradientBytes / dataParallel : gradientBytes) +
    (zeroStage >= 1 ? optimizerBytes / dataParallel : optimizerBytes)
  );
}

/** Micro-batches whose activations a 1F1B stage keeps at once: min(B, k − p). */
function microBatchesInFlight(strategy: Strategy, stage: number): number {
  return Math.min(strategy.microBatches, strategy.stages - stage);
}

/**
 * Memory of a GPU that holds layers [from, to) as the given stage. Activations after Korthikanti et
 * al. 2022 (per layer, see `transformerLayers`); with recomputation only layer inputs are kept, plus
 * one layer's activations while it is recomputed. Grows with the interval. O(to − from).
 */
export function stageMemoryBytes(
  job: TrainingJob,
  strategy: Strategy,
  stage: number,
  from: number,
  to: number,
): StageMemory {
  const { tensorParallel, dataParallel, microBatch } = strategy;
  const parameters = intervalParameters(job, tensorParallel, from, to);
  const state = parameters * bytesPerParameter(job.memory, dataParallel);
  let kept = 0;
  let largest = 0;
  for (let index = from; index < to; index++) {
    const layer = job.layers[index]!;
    const saved = layer.savedBytes + layer.savedSplitBytes / tensorParallel;
    const recomputed = job.memory.recompute && layer.kind === "block";
    kept += recomputed ? layer.checkpointBytes : saved;
    if (recomputed) largest = Math.max(largest, saved);
  }
  const activations = microBatch * (kept * microBatchesInFlight(strategy, stage) + largest);
  return { state, activations, total: state + activations };
}

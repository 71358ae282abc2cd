import { DEFAULT_MEMORY_RULES } from "../../src/formats/read-training-job.js";
import { transformerLayers } from "../../src/training/transformer-layers.js";
import type { TrainingJob, TrainingLayer } from "../../src/training/training-job.js";

/**
 * The published GPT-2 355M experiments (AMP, NeurIPS 2022; bandwidths from its public code): 4 GPUs
 * a node, batch 32. Layer times are one figure per kind of layer, not the published profile.
 * @param forward seconds of a block, of the embedding and of the head, whatever the machine.
 */
export function publishedJob(
  cluster: "homogeneous" | "heterogeneous",
  forward: { readonly block: number; readonly embedding: number; readonly head: number },
): TrainingJob {
  const shape = { hidden: 1024, sequence: 1024, blocks: 24, vocabulary: 52_256, heads: 16 };
  const layers = transformerLayers(shape);
  const seconds = (layer: TrainingLayer): number =>
    layer.kind === "block" || layer.kind === "embedding" || layer.kind === "head"
      ? forward[layer.kind]
      : 0;
  const t4 = {
    name: "g4dn.12xlarge",
    gpus: 4,
    memoryBytes: 16e9,
    intraBytesPerSecond: 6.25e9,
    nicBytesPerSecond: 6.25e9,
  };
  const v100 = {
    name: "p3.8xlarge",
    gpus: 4,
    memoryBytes: 16e9,
    intraBytesPerSecond: 21.25e9,
    nicBytesPerSecond: 1.25e9,
  };
  const types = cluster === "homogeneous" ? [0, 0, 0, 0] : [1, 1, 1, 0];
  return {
    name: cluster,
    cluster: {
      machines: [t4, v100],
      nodes: types.map((machine, index) => ({ id: `node-${index}`, machine })),
    },
    layers,
    times: {
      tensorDegrees: [1, 2, 4],
      forwardSeconds: (_machine, _tensorParallel, microBatch) =>
        layers.map((layer) => microBatch * seconds(layer)),
    },
    globalBatch: 32,
    elementBytes: 4,
    memory: DEFAULT_MEMORY_RULES,
    shape,
  };
}

import { readTrainingJob } from "../src/formats/read-training-job.js";
import type { TrainingJob } from "../src/training/training-job.js";

/** Machine types of the growth series, fastest first. */
const MACHINES = {
  a100: {
    gpu: "A100-80GB",
    gpus: 4,
    nic: "25 GB/s",
    intraBandwidth: "300 GB/s",
    efficiency: 0.4,
  },
  v100: { gpu: "V100-16GB", gpus: 4, nic: "10 GB/s", intraBandwidth: "150 GB/s", efficiency: 0.3 },
  t4: { gpu: "T4", gpus: 4, nic: "50 Gb/s", intraBandwidth: "50 Gb/s", efficiency: 0.2 },
};

/**
 * A transformer of `layers` layers on `nodes` nodes of 4 GPUs, dealt over the first `types` types.
 * Its layers are uneven by up to `unevenness` (0.2: ±10 %), each in its own way: the harder case,
 * since every interval then takes a time of its own.
 */
export function syntheticJob(
  nodes: number,
  types: number,
  layers: number,
  unevenness: number,
): TrainingJob {
  const job = evenJob(nodes, types, layers);
  const factors = job.layers.map(
    (_, layer) => 1 + unevenness * ((layer * GOLDEN_RATIO) % 1) - unevenness / 2,
  );
  const forwardSeconds: TrainingJob["times"]["forwardSeconds"] = (...place) =>
    job.times.forwardSeconds(...place).map((seconds, layer) => seconds * factors[layer]!);
  return { ...job, times: { ...job.times, forwardSeconds } };
}

/** Multiples of it spread evenly modulo 1. */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

function evenJob(nodes: number, types: number, layers: number): TrainingJob {
  const names = Object.keys(MACHINES).slice(0, types);
  return readTrainingJob("synthetic", {
    format: "helix-place/training-job@1",
    name: `${nodes * 4} GPUs, ${types} types, ${layers} layers`,
    cluster: {
      machines: MACHINES,
      nodes: names.flatMap((machine, index) => {
        const count = Math.floor((nodes + index) / types);
        return count > 0 ? [{ id: machine, machine, count }] : [];
      }),
    },
    model: {
      kind: "transformer",
      hidden: 2048,
      sequence: 1024,
      blocks: layers - 2,
      vocabulary: 52_256,
      heads: 16,
    },
    globalBatch: 256,
  });
}

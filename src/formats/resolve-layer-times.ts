import type { Problem } from "../core/errors.js";
import { findGpu } from "../hardware/find-gpu.js";
import type { TimeSource } from "../training/layer-times.js";
import type { LayerWork } from "../training/roofline-times.js";
import type { TrainingMachine } from "../training/training-cluster.js";
import type { TrainingLayer } from "../training/training-job.js";
import { readMeasuredSeconds } from "./read-measured-seconds.js";
import { KNOWN_GPU, readPositive } from "./resolve-training-cluster.js";
import { formatPath } from "./describe-issues.js";
import type { TrainingClusterFile } from "./training-job-schema.js";

/** Share of the peak assumed where the job gives none. */
const DEFAULT_EFFICIENCY = 0.4;

type MachineFile = TrainingClusterFile["machines"][string];

/**
 * Where a machine type's layer times come from: the job's figures, else the roofline over the GPU's
 * peak rates. Undefined (with the problem noted) where neither is possible.
 * @param layers the layers that given times must cover.
 * @param work per layer; undefined for models without a shape.
 */
export function resolveTimeSource(
  machine: TrainingMachine,
  given: MachineFile,
  layers: readonly TrainingLayer[],
  work: readonly LayerWork[] | undefined,
  problems: Problem[],
): TimeSource | undefined {
  const path = ["cluster", "machines", machine.name];
  if (given.forwardSeconds !== undefined) {
    const own = [...path, "forwardSeconds"];
    const seconds = readMeasuredSeconds(given.forwardSeconds, layers, own, problems);
    return { kind: "measured", seconds };
  }
  const bandwidthPath = [...path, "memoryBandwidth"];
  const bandwidth = readPositive("bytesPerSecond", given.memoryBandwidth, bandwidthPath, problems);
  const known = given.gpu === undefined ? undefined : findGpu(given.gpu);
  const flopsPerSecond = given.flops ?? known?.flopsPerSecond;
  const memoryBytesPerSecond = bandwidth ?? known?.bandwidthBytesPerSecond;
  if (work === undefined || flopsPerSecond === undefined || memoryBytesPerSecond === undefined) {
    problems.push({
      path: formatPath([...path, "forwardSeconds"]),
      found: "nothing",
      expected: `forward seconds of ${layers.length} layers`,
      remedy:
        work === undefined
          ? "Add them: a list of layers has no shape to estimate from."
          : `Add them, or "flops" and "memoryBandwidth", or ${KNOWN_GPU}.`,
    });
    return undefined;
  }
  return {
    kind: "roofline",
    work,
    rates: {
      flopsPerSecond,
      memoryBytesPerSecond,
      efficiency: given.efficiency ?? DEFAULT_EFFICIENCY,
      intraBytesPerSecond: machine.intraBytesPerSecond,
    },
  };
}

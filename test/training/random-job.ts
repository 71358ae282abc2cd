import * as fc from "fast-check";
import type { TrainingJob, TrainingLayer } from "../../src/training/training-job.js";
import type { TrainingMachine } from "../../src/training/training-cluster.js";

const positive = (min: number, max: number) => fc.double({ min, max, noNaN: true });

const layer: fc.Arbitrary<TrainingLayer> = fc.record({
  name: fc.constant("layer"),
  kind: fc.constantFrom("embedding", "block", "block", "block", "head", "other"),
  parameters: fc.constantFrom(0, 1000, 2000, 5000),
  outputElements: fc.integer({ min: 0, max: 2000 }),
  outputSplit: fc.boolean(),
  savedBytes: fc.integer({ min: 0, max: 5000 }),
  savedSplitBytes: fc.integer({ min: 0, max: 5000 }),
  checkpointBytes: fc.integer({ min: 0, max: 500 }),
});

const machine = fc.record({
  name: fc.constant("machine"),
  memoryBytes: fc.integer({ min: 20_000, max: 400_000 }),
  intraBytesPerSecond: positive(10_000, 1_000_000),
  nicBytesPerSecond: positive(1000, 100_000),
});

/** Small jobs: up to `mostLayers` layers, 1 to 3 machine types of 1 to 4 GPUs, mostly the same number. */
export function randomJobs(mostLayers: number, mostNodes: number): fc.Arbitrary<TrainingJob> {
  return fc
    .record({
      layers: fc.array(layer, { minLength: 2, maxLength: mostLayers }),
      machines: fc.array(machine, { minLength: 1, maxLength: 3 }),
      gpus: fc.oneof(
        fc.constantFrom([1, 1, 1], [2, 2, 2], [4, 4, 4]),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 3 }),
      ),
      nodes: fc.array(fc.nat(2), { minLength: 1, maxLength: mostNodes }),
      seconds: fc.array(positive(0.001, 1), { minLength: 40, maxLength: 40 }),
      globalBatch: fc.constantFrom(4, 6, 8, 12),
      tied: fc.boolean(),
      recompute: fc.boolean(),
      zeroStage: fc.constantFrom(0, 1, 2, 3),
    })
    .map(({ layers, machines, gpus, nodes, seconds, tied, recompute, zeroStage, ...rest }) => ({
      name: "random",
      cluster: {
        machines: machines.map((one, type): TrainingMachine => ({ ...one, gpus: gpus[type]! })),
        nodes: nodes.map((type, index) => ({ id: `n${index}`, machine: type % machines.length })),
      },
      layers: layers.map((one, index): TrainingLayer => {
        const ends = index === 0 || index === layers.length - 1;
        return tied && ends ? { ...one, parameters: 3000, tie: "embedding" } : one;
      }),
      times: {
        tensorDegrees: [1, 2, 4],
        forwardSeconds: (type, tensorParallel, microBatch) =>
          layers.map((_, index) => {
            const one = seconds[(index * 3 + type * 7 + tensorParallel) % seconds.length]!;
            return one * (0.3 + 0.7 * microBatch);
          }),
      },
      elementBytes: 4,
      memory: {
        weightBytes: 2,
        gradientBytes: 6,
        optimizerBytes: 12,
        zeroStage: zeroStage as 0 | 1 | 2 | 3,
        recompute,
        reservedFraction: 0.1,
      },
      ...rest,
    }));
}

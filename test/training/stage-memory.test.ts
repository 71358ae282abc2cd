import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bytesPerParameter, stageMemoryBytes } from "../../src/training/stage-memory.js";
import { enumerateStrategies } from "../../src/training/strategies.js";
import { publishedJob } from "./published-job.js";
import { randomJobs } from "./random-job.js";

const FORWARD = { block: 1, embedding: 1, head: 1 };

test("Adam in mixed precision holds 20 bytes per parameter; ZeRO spreads its parts", () => {
  const { memory } = publishedJob("homogeneous", FORWARD);
  expect(bytesPerParameter(memory, 4)).toBe(20);
  expect(bytesPerParameter({ ...memory, zeroStage: 1 }, 4)).toBe(2 + 6 + 3);
  expect(bytesPerParameter({ ...memory, zeroStage: 2 }, 4)).toBe(2 + 1.5 + 3);
  expect(bytesPerParameter({ ...memory, zeroStage: 3 }, 4)).toBe(5);
});

test("a block keeps s·m·h·(10 + 24/tp + 5·a·s/(h·tp)) bytes per micro-batch in flight", () => {
  const job = publishedJob("homogeneous", FORWARD);
  const strategy = {
    microBatch: 2,
    tensorParallel: 2,
    dataParallel: 2,
    stages: 4,
    microBatches: 8,
  };
  const block = 1024 * 2 * 1024 * (10 + 24 / 2 + (5 * 16 * 1024) / (1024 * 2));
  // Stage 1 of 4 keeps three micro-batches.
  expect(stageMemoryBytes(job, strategy, 1, 5, 9).activations).toBe(4 * block * 3);
  expect(stageMemoryBytes(job, strategy, 1, 5, 9).state).toBe((4 * 12 * 1024 ** 2 * 20) / 2);
});

test("the embedding is held once where both ends share a stage", () => {
  const job = publishedJob("homogeneous", FORWARD);
  const strategy = {
    microBatch: 1,
    tensorParallel: 1,
    dataParallel: 16,
    stages: 1,
    microBatches: 2,
  };
  const parameters = 24 * 12 * 1024 ** 2 + 1024 * 52_256;
  expect(stageMemoryBytes(job, strategy, 0, 0, 26).state).toBe(parameters * 20);
});

test("memory grows with the interval, shrinks with recomputation and with ZeRO", () => {
  fc.assert(
    fc.property(randomJobs(8, 3), fc.nat(50), fc.nat(8), fc.nat(8), (job, pick, one, other) => {
      const strategies = enumerateStrategies(job);
      if (strategies.length === 0) return;
      const strategy = strategies[pick % strategies.length]!;
      const count = job.layers.length;
      const [from, to] = [Math.min(one, other) % count, (Math.max(one, other) % count) + 1];
      if (to <= from) return;
      const bytes = stageMemoryBytes(job, strategy, 0, from, to).total;
      if (from > 0) {
        expect(stageMemoryBytes(job, strategy, 0, from - 1, to).total).toBeGreaterThanOrEqual(
          bytes,
        );
      }
      if (to < count) {
        expect(stageMemoryBytes(job, strategy, 0, from, to + 1).total).toBeGreaterThanOrEqual(
          bytes,
        );
      }
      const zero = { ...job, memory: { ...job.memory, zeroStage: 3 as const } };
      expect(stageMemoryBytes(zero, strategy, 0, from, to).total).toBeLessThanOrEqual(bytes);
    }),
    { seed: 41, numRuns: 200 },
  );
});

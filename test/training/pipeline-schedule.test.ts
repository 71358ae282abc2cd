import * as fc from "fast-check";
import { expect, test } from "vitest";
import { pipelineBounds } from "./pipeline-bounds.js";
import { simulatePipeline } from "../../src/training/simulate-pipeline.js";
import type { PipelineTiming } from "../../src/training/simulate-pipeline.js";

const SLACK = 1e-9;

/** Random pipelines: 1 to 12 stages, 1 to 40 micro-batches, one ratio of backward to forward. */
const pipelines: fc.Arbitrary<PipelineTiming> = fc
  .record({
    forward: fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), {
      minLength: 1,
      maxLength: 12,
    }),
    ratio: fc.double({ min: 0.5, max: 4, noNaN: true }),
    microBatches: fc.integer({ min: 1, max: 40 }),
    borders: fc.array(fc.double({ min: 0, max: 0.3, noNaN: true }), {
      minLength: 11,
      maxLength: 11,
    }),
    connected: fc.boolean(),
  })
  .map(({ forward, ratio, microBatches, borders, connected }) => ({
    forward,
    backward: forward.map((seconds) => ratio * seconds),
    border: forward.slice(1).map((_, index) => (connected ? borders[index]! : 0)),
    microBatches,
  }));

test("the schedule lies between the bounds of the closed formula on 1,000 random pipelines", () => {
  fc.assert(
    fc.property(pipelines, (timing) => {
      const { makespan } = simulatePipeline(timing);
      const { least, most } = pipelineBounds(timing);
      expect(makespan).toBeGreaterThanOrEqual(least * (1 - SLACK));
      expect(makespan).toBeLessThanOrEqual(most * (1 + SLACK));
    }),
    { seed: 9, numRuns: 1000 },
  );
});

test("without transfers the closed formula is an upper bound, exact when the last stage is slowest", () => {
  fc.assert(
    fc.property(pipelines, (timing) => {
      const still = { ...timing, border: timing.border.map(() => 0) };
      const { closed } = pipelineBounds(still);
      expect(simulatePipeline(still).makespan).toBeLessThanOrEqual(closed * (1 + SLACK));
      const last = still.forward.length - 1;
      const slow = Math.max(...still.forward) * 2;
      const forward = still.forward.with(last, slow);
      const ratio = still.backward[0]! / still.forward[0]!;
      const skewed = { ...still, forward, backward: still.backward.with(last, slow * ratio) };
      const makespan = simulatePipeline(skewed).makespan;
      expect(Math.abs(makespan / pipelineBounds(skewed).closed - 1)).toBeLessThan(SLACK);
    }),
    { seed: 10, numRuns: 200 },
  );
});

test("every stage works through its passes alone, in order and after its inputs", () => {
  fc.assert(
    fc.property(pipelines, (timing) => {
      const { events } = simulatePipeline(timing);
      const stages = timing.forward.length;
      expect(events).toHaveLength(2 * stages * timing.microBatches);
      const endOf = new Map(events.map((e) => [`${e.pass} ${e.stage} ${e.microBatch}`, e.end]));
      events.forEach((event, index) => {
        const before = events[index - 1];
        if (before?.stage === event.stage) expect(event.start).toBeGreaterThanOrEqual(before.end);
        const down = event.pass === "forward";
        const turn = !down && event.stage === stages - 1;
        const from = turn ? event.stage : event.stage + (down ? -1 : 1);
        const producer = endOf.get(`${turn ? "forward" : event.pass} ${from} ${event.microBatch}`);
        if (producer === undefined) expect(down && event.stage === 0).toBe(true);
        else {
          const border = turn ? 0 : timing.border[Math.min(from, event.stage)]!;
          expect(event.start).toBeGreaterThanOrEqual(producer + border);
        }
      });
      // No more micro-batches in flight than the memory model assumes.
      for (let stage = 0; stage < stages; stage++) {
        let flying = 0;
        for (const event of events.filter((one) => one.stage === stage)) {
          flying += event.pass === "forward" ? 1 : -1;
          expect(flying).toBeLessThanOrEqual(Math.min(timing.microBatches, stages - stage));
        }
      }
    }),
    { seed: 11, numRuns: 60 },
  );
});

test("four equal stages and eight micro-batches take B + k − 1 turns", () => {
  const timing = {
    forward: [1, 1, 1, 1],
    backward: [2, 2, 2, 2],
    border: [0, 0, 0],
    microBatches: 8,
  };
  expect(simulatePipeline(timing).makespan).toBeCloseTo(3 * (8 + 4 - 1), 12);
});

import { describe, expect, test } from "vitest";
import { createRandom } from "../../../src/core/random.js";
import {
  decodeInterval,
  errorsWithin,
  halfInterval,
} from "../../../src/serving/simulate/confidence.js";
import { createSpannedHistogram } from "../../../src/serving/simulate/spanned-histogram.js";

/** Values that each keep a part of the one before, around 0. */
function drawKin(count: number, kept: number, random: () => number): readonly number[] {
  let value = random() / Math.sqrt(1 - kept ** 2);
  return Array.from({ length: count }, () => (value = kept * value + random()));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** How often the mean of a series lies within its own interval around 0. */
function coverage(kept: number, stays: number): number {
  const random = createRandom(7);
  const runs = Array.from({ length: 3000 }, () => drawKin(100, kept, () => random.normal()));
  return mean(runs.map((run) => Number(Math.abs(mean(run)) <= halfInterval(run, stays))));
}

describe("95 % intervals of one run", () => {
  test.each([0, 0.5, 0.8, 0.9])(
    "hold 95 of 100 times where values keep %f of those before",
    (kept) => {
      // What is kept adds up to so many values, which is how long a request would stay.
      const stays = (100 * (1 - kept)) / (1 + kept);
      expect(coverage(kept, stays)).toBeGreaterThan(0.92);
      expect(coverage(kept, stays)).toBeLessThan(0.98);
    },
  );

  test("fewer degrees of freedom take more standard errors, down to those of a normal distribution", () => {
    // Student's t, as tables have it.
    for (const [degrees, errors] of [
      [1, 12.706],
      [8, 2.306],
      [12, 2.179],
      [30, 2.042],
    ] as const)
      expect(errorsWithin(degrees)).toBeCloseTo(errors, 2);
  });

  test("too few values tell nothing, and equal ones all", () => {
    expect(halfInterval([1, 2, 3, 4], 100)).toBe(Infinity);
    expect(
      halfInterval(
        Array.from({ length: 40 }, () => 5),
        100,
      ),
    ).toBeCloseTo(0, 9);
  });

  test("a run of which few requests have come and gone is known less well", () => {
    const samples = drawKin(100, 0.9, rollingDice()).map((decodeTokensPerSecond) => ({
      decodeTokensPerSecond,
    }));
    const run = (count: number) =>
      decodeInterval({ samples, timeToFirstToken: { count }, meanInFlight: 10 });
    expect(run(60)).toBeGreaterThan(run(1000));
  });
});

function rollingDice(): () => number {
  const random = createRandom(3);
  return () => random.normal();
}

describe("latencies with their intervals", () => {
  /** Waits that grow and shrink over some spans, as queues do; the logarithm of a wait has mean 0 and deviation 1. */
  function wait(spans: number, perSpan: number, seed: number) {
    const random = createRandom(seed);
    const levels = drawKin(spans, 0.5, () => random.normal() * Math.sqrt(0.375));
    const histogram = createSpannedHistogram();
    levels.forEach((level, span) => {
      for (let at = 0; at < perSpan; at += 1)
        histogram.add(span, Math.exp(level + random.normal() * Math.sqrt(0.5)));
    });
    return histogram.summary();
  }

  test("hold mean and p95 of a longer run most of the time", () => {
    const [truth, tail] = [Math.exp(0.5), Math.exp(1.645)];
    const runs = Array.from({ length: 150 }, (_, seed) => wait(20, 60, seed));
    const holds = (from = 0, to = Infinity, value = 0): number =>
      Number(from <= value && value <= to);
    const means = runs.map(({ meanInterval: of }) => holds(of?.from, of?.to, truth));
    const tails = runs.map(({ p95Interval: of }) => holds(of?.from, of?.to, tail));
    expect(mean(means)).toBeGreaterThan(0.85);
    expect(mean(tails)).toBeGreaterThan(0.85);
    // And they say something.
    expect(mean(runs.map(({ meanInterval }) => meanInterval!.to!))).toBeLessThan(3 * truth);
  });

  test("what is always the same is known to half a percent, and what was hardly seen not at all", () => {
    const histogram = createSpannedHistogram();
    for (let at = 0; at < 2000; at += 1) histogram.add(at % 20, 0.04);
    const { p95Interval, meanInterval } = histogram.summary();
    expect(p95Interval!.to! / p95Interval!.from).toBeLessThan(1.011);
    expect(meanInterval!.to).toBeCloseTo(0.04, 9);
    const short = createSpannedHistogram();
    short.add(0, 0.04);
    expect(short.summary().p95Interval).toBeUndefined();
  });
});

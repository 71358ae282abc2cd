import { expect, test } from "vitest";
import { createRandom } from "../../../src/core/random.js";
import { createArrivals, varianceInside } from "../../../src/serving/simulate/arrivals.js";
import { queueGrowth } from "../../../src/serving/simulate/queue-growth.js";
import type { SimulationResult } from "../../../src/serving/simulate/result.js";

const RATE = 50;
const START = 24;
const END = 56;

/** Requests that each stay as long as the time they come at says, seen a hundred times in a short window. */
function visit(seed: number, stayOf: (atSeconds: number) => number): SimulationResult {
  const next = createArrivals(RATE, createRandom(seed), END);
  const stays: (readonly [from: number, to: number])[] = [];
  for (let at = next(); at < END; at = next()) stays.push([at, at + stayOf(at)]);
  const samples = Array.from({ length: 100 }, (_, index) => {
    const atSeconds = START + ((index + 0.5) * (END - START)) / 100;
    const inFlight = stays.filter(([from, to]) => from <= atSeconds && atSeconds < to).length;
    return { atSeconds, inFlight, waitingOutside: 0 };
  });
  const requests = { arrived: stays.length };
  const window = { startSeconds: START, endSeconds: END };
  return { samples, requests, window } as unknown as SimulationResult;
}

const seeds = Array.from({ length: 100 }, (_, at) => at + 1);

test("bursts of arrivals are no queue that grows, however short the window", () => {
  const growing = seeds.filter((seed) => queueGrowth(visit(seed, () => 7)) > 0);
  expect(growing.length).toBeLessThanOrEqual(1);
});

test("a queue that grows by three quarters of what comes is told from bursts", () => {
  // Whoever comes later waits longer: of four that come one goes.
  const growing = seeds.filter((seed) => queueGrowth(visit(seed, (at) => 7 + 3 * at)) > 0);
  expect(growing.length).toBeGreaterThanOrEqual(95);
});

test("the variance of the requests inside is that of arrivals in bursts", () => {
  for (const stay of [0.4, 7, 20]) {
    const inside = seeds.flatMap((seed) => {
      const { samples } = visit(seed, () => stay);
      return [samples[0]!.inFlight, samples[99]!.inFlight];
    });
    const mean = inside.reduce((sum, each) => sum + each, 0) / inside.length;
    const variance = inside.reduce((sum, each) => sum + (each - mean) ** 2, 0) / inside.length;
    const ratio = variance / varianceInside(mean, RATE);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  }
});

import { expect, test } from "vitest";
import { isSlow, serveWithin } from "../../../src/serving/served/chains/serve-within.js";
import type { SimulationResult } from "../../../src/serving/simulate/result.js";

const LIMITS = { statistic: "mean", maxTimePerOutputToken: 1 } as const;

/** Runs without chance: a token takes so long at no load, and longer by the rate. */
function runs(atNoLoad: number, longer: number) {
  let count = 0;
  return {
    count: () => count,
    run: (rate: number): SimulationResult => {
      count += 1;
      const latency = atNoLoad + longer * rate;
      return {
        decodeTokensPerSecond: rate / 2,
        promptTokensPerSecond: rate / 2,
        timeToFirstToken: { mean: 0, p95: 0 },
        timePerOutputToken: { mean: latency, p95: latency },
        meanInFlight: 1,
        decodeConfidence: 0,
        samples: [],
        requests: { arrived: rate, finished: 1 },
        window: { startSeconds: 0, endSeconds: 1 },
      } as unknown as SimulationResult;
    },
  };
}

test("what is served is that of the highest rate that keeps the limits, in few runs", () => {
  for (const good of [15, 40, 300, 700, 990]) {
    const { run, count } = runs(0.5, 0.5 / good);
    const { decodeTokensPerSecond: served } = serveWithin(LIMITS, 1000, run);
    expect(served).toBeLessThanOrEqual(good / 2);
    expect(served).toBeGreaterThan((0.93 * good) / 2);
    expect(count()).toBeLessThanOrEqual(10);
  }
});

test("what keeps no limits by itself counts for next to nothing, the quicker for more", () => {
  const { decodeTokensPerSecond: quick } = serveWithin(LIMITS, 1000, runs(0.5, 1e-3).run);
  const { decodeTokensPerSecond: slow } = serveWithin(LIMITS, 1000, runs(1.2, 1e-3).run);
  const { decodeTokensPerSecond: slower } = serveWithin(LIMITS, 1000, runs(3, 1e-3).run);
  expect(isSlow(quick, quick)).toBe(false);
  expect(isSlow(slow, quick)).toBe(true);
  expect(slow).toBeGreaterThan(slower);
  expect(slower).toBeGreaterThan(0);
});

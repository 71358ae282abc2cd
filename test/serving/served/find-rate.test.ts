import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findRate } from "../../../src/serving/served/find-rate.js";
import { queueGrowth } from "../../../src/serving/simulate/queue-growth.js";
import {
  simulatePlacement,
  type SimulationReport,
} from "../../../src/serving/simulate/simulate-placement.js";
import { clusterOf } from "../simulate/fixtures.js";

const cluster = clusterOf({ layers: 2, nodes: 2, kvTokens: 20_000 });
const RUN = { engine: "vllm" as const, warmupSeconds: 20, durationSeconds: 300 };
const run = (rate: number | undefined, seed: number) =>
  simulatePlacement(
    cluster,
    [
      [0, 2],
      [0, 2],
    ],
    {
      ...RUN,
      seed,
      ...(rate === undefined ? {} : { tokensPerSecond: rate }),
    },
  );

test("the rate found keeps the limits, a fine grid finds the same, and more of it does not", async () => {
  const limits = { statistic: "mean" as const, maxTimePerOutputToken: 0.006 };
  const found = await findRate(async (rate, seed) => run(rate, seed), limits, {
    seed: 1,
    tokensPerRequest: 110,
  });
  expect(found.report.result.timePerOutputToken.mean).toBeLessThanOrEqual(0.006);
  // Where seeds stop keeping the limits, by how many rates of the grid they keep: chance makes some below it fail.
  const step = 0.04;
  const edges = [201, 202, 203].map((seed) => {
    const shares = [0.86, 0.9, 0.94, 0.98, 1.02, 1.06, 1.1, 1.14];
    const kept = shares.filter((share) => {
      const { result } = run(share * found.tokensPerSecond, seed);
      return result.timePerOutputToken.mean <= 0.006 && queueGrowth(result) === 0;
    });
    return 0.86 + step * (kept.length - 0.5);
  });
  expect(Math.abs(edges.toSorted((a, b) => a - b)[1]! - 1)).toBeLessThan(0.05);
});

test("limits that nothing keeps give no rate", async () => {
  const limits = { statistic: "mean" as const, maxTimePerOutputToken: 1e-6 };
  const found = await findRate(async (rate, seed) => run(rate, seed), limits, {
    seed: 1,
    tokensPerRequest: 110,
  });
  expect(found.tokensPerSecond).toBe(0);
});

test("a queue grows by what comes beyond what is served", () => {
  const full = run(undefined, 1).result;
  const total = full.decodeTokensPerSecond + full.promptTokensPerSecond;
  expect(queueGrowth(run(total / 2, 1).result)).toBe(0);
  // 110 tokens a request: twice the load leaves half of what arrives behind.
  const growth = queueGrowth(run(2 * total, 1).result);
  expect(growth / (total / 110)).toBeCloseTo(1, 0);
});

/** A run without chance: latency grows with the load, and nothing queues. */
const smooth = (rate = 1000): SimulationReport =>
  ({
    result: {
      decodeTokensPerSecond: rate / 10,
      promptTokensPerSecond: rate - rate / 10,
      timeToFirstToken: { mean: rate, p95: rate },
      timePerOutputToken: { mean: 0, p95: 0 },
      samples: [],
      requests: { arrived: rate, finished: rate },
      window: { startSeconds: 0, endSeconds: 1 },
    },
  }) as unknown as SimulationReport;

test("limits that hold at a small part of full load only give a rate as exact as any", async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0.011, max: 1.05, noNaN: true }), async (share) => {
      const most = 1000 * share;
      const limits = { statistic: "p95" as const, maxTimeToFirstToken: most };
      const found = await findRate(async (rate) => smooth(rate), limits, {
        seed: 1,
        tokensPerRequest: 1,
      });
      expect(found.tokensPerSecond).toBeLessThanOrEqual(most);
      expect(found.tokensPerSecond).toBeGreaterThan(0.985 * most);
      expect(found.tooMuch).toBeGreaterThan(most);
    }),
    { seed: 5, numRuns: 200 },
  );
});

test("few requests that come and go by chance are no queue that grows", () => {
  const slow = clusterOf({
    layers: 2,
    nodes: 1,
    kvTokens: 20_000,
    decodeSeconds: [
      [0, 1],
      [100, 2],
    ],
  });
  // One request in 5 s, each of which stays for about 25 s.
  const growing = Array.from({ length: 20 }, (_, seed) => {
    const options = { ...RUN, durationSeconds: 300, tokensPerSecond: 22, seed };
    return queueGrowth(simulatePlacement(slow, [[0, 2]], options).result);
  }).filter((growth) => growth > 0);
  expect(growing).toEqual([]);
});

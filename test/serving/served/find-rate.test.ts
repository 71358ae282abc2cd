import { expect, test } from "vitest";
import { findRate } from "../../../src/serving/served/find-rate.js";
import { queueGrowth } from "../../../src/serving/simulate/queue-growth.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";
import { clusterOf } from "../simulate/fixtures.js";

const cluster = clusterOf({ layers: 2, nodes: 2, kvTokens: 20_000 });
const RUN = { engine: "vllm" as const, warmupSeconds: 20, durationSeconds: 600 };
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
  const found = await findRate(async (rate, seed) => run(rate, seed), limits, 1);
  expect(found.report.result.timePerOutputToken.mean).toBeLessThanOrEqual(0.006);
  let best = 0;
  for (let share = 0.85; share < 1.15; share += 0.03) {
    const rate = share * found.tokensPerSecond;
    const kept = [1, 102, 103, 104].every((seed) => {
      const { result } = run(rate, seed);
      return result.timePerOutputToken.mean <= 0.006 && queueGrowth(result) === 0;
    });
    if (kept) best = rate;
  }
  expect(Math.abs(found.tokensPerSecond - best) / best).toBeLessThan(0.05);
});

test("limits that nothing keeps give no rate", async () => {
  const limits = { statistic: "mean" as const, maxTimePerOutputToken: 1e-6 };
  const found = await findRate(async (rate, seed) => run(rate, seed), limits, 1);
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

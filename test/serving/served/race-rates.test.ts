import * as fc from "fast-check";
import { expect, test } from "vitest";
import { promiseBest, raceRates, type RacedRate } from "../../../src/serving/served/race-rates.js";
import type { SimulationReport } from "../../../src/serving/simulate/simulate-placement.js";

/** A run without chance: the latency is the rate over what the placement is good for. @param came share of the rate that arrives */
function runs(goodFor: readonly number[], came = 1) {
  let count = 0;
  return {
    count: () => count,
    run: async ([held]: readonly unknown[], rate: number): Promise<SimulationReport> => {
      count += 1;
      const latency = rate / goodFor[(held as readonly number[])[0]!]!;
      return {
        result: {
          decodeTokensPerSecond: rate,
          promptTokensPerSecond: 0,
          timeToFirstToken: { mean: latency, p95: latency },
          timePerOutputToken: { mean: 0, p95: 0 },
          samples: [],
          requests: { arrived: came * rate, finished: rate > 1e-3 ? 1 : 0 },
          window: { startSeconds: 0, endSeconds: 1 },
        },
      } as unknown as SimulationReport;
    },
  };
}

const LIMITS = { statistic: "mean", maxTimeToFirstToken: 1 } as const;

test("whoever keeps the limits at the highest rate wins, whatever the order, and promises a little less", async () => {
  const goodFor = fc.array(fc.double({ min: 0.02, max: 1, noNaN: true }), {
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(goodFor, async (shares) => {
      const rates = shares.map((share) => 1000 * share);
      const { run } = runs(rates);
      let best: RacedRate | undefined;
      for (const at of rates.keys()) {
        const racer = { placement: [[at, at + 1] as const], most: 1000 };
        best = await raceRates(best, racer, { limits: LIMITS, run, seed: 1, tokensPerRequest: 1 });
      }
      const most = Math.max(...rates);
      const promised = await promiseBest([best!], {
        limits: LIMITS,
        run,
        seed: 1,
        tokensPerRequest: 1,
      });
      expect(promised!.tokensPerSecond).toBeLessThanOrEqual(0.98 * most);
      expect(promised!.tokensPerSecond).toBeGreaterThan(0.88 * most);
      expect(promised!.report.result.decodeTokensPerSecond).toBe(promised!.tokensPerSecond);
    }),
    { seed: 3, numRuns: 100 },
  );
});

test("a challenger that is no better costs one run", async () => {
  const { run, count } = runs([500, 490]);
  const trials = { limits: LIMITS, run, seed: 1, tokensPerRequest: 1 };
  const best = await raceRates(undefined, { placement: [[0, 1]], most: 1000 }, trials);
  const before = count();
  expect(await raceRates(best, { placement: [[1, 2]], most: 1000 }, trials)).toBe(best);
  expect(count()).toBe(before + 1);
});

test("where a trickle breaks the limits, the nearest is what comes back, without a rate", async () => {
  const { run } = runs([2e-3, 5e-3]);
  const trials = { limits: LIMITS, run, seed: 1, tokensPerRequest: 1 };
  const first = await raceRates(undefined, { placement: [[0, 1]], most: 1000 }, trials);
  const nearer = await raceRates(first, { placement: [[1, 2]], most: 1000 }, trials);
  expect(nearer?.tokensPerSecond).toBe(0);
  expect(nearer?.placement).toEqual([[1, 2]]);
});

test("a rate far below what the network carries is found, and one at which no request is answered keeps nothing", async () => {
  const { run } = runs([2, 1e-9]);
  const trials = { limits: LIMITS, run, seed: 1, tokensPerRequest: 1 };
  const low = await raceRates(undefined, { placement: [[0, 1]], most: 1000 }, trials);
  expect(low?.tokensPerSecond).toBeGreaterThan(1.9);
  expect(low?.tokensPerSecond).toBeLessThanOrEqual(2);
  const none = await raceRates(undefined, { placement: [[1, 2]], most: 1e-2 }, trials);
  expect(none?.tokensPerSecond).toBe(0);
});

test("cut short after two runs, what is left is a rate worth promising", async () => {
  const { run, count } = runs([700]);
  const short = async (...asked: Parameters<typeof run>): Promise<SimulationReport | undefined> =>
    count() < 2 ? run(...asked) : undefined;
  const trials = { limits: LIMITS, run: short, seed: 1, tokensPerRequest: 1 };
  const best = await raceRates(undefined, { placement: [[0, 1]], most: 1000 }, trials);
  expect(best!.tokensPerSecond).toBeGreaterThan(0.5 * 700);
});

test("cut short before a rate holds, what was seen last says how near the limits are", async () => {
  const { run, count } = runs([1]);
  const short = async (...asked: Parameters<typeof run>): Promise<SimulationReport | undefined> =>
    count() < 2 ? run(...asked) : undefined;
  const trials = { limits: LIMITS, run: short, seed: 1, tokensPerRequest: 1 };
  const nearest = await raceRates(undefined, { placement: [[0, 1]], most: 1000 }, trials);
  expect(nearest).toMatchObject({ tokensPerSecond: 0, most: 1000 });
  expect(nearest!.report.result.timeToFirstToken.mean).toBe(125);
});

test("from a likely rate it is a few runs to the rate that holds, and from one that is far off no less is found", async () => {
  const { run, count } = runs([500]);
  const trials = { limits: LIMITS, run, seed: 1, tokensPerRequest: 1 };
  const near = { placement: [[0, 1] as const], most: 1000, likely: 510 };
  const best = await raceRates(undefined, near, trials);
  expect(count()).toBeLessThanOrEqual(5);
  expect(best!.tokensPerSecond).toBeGreaterThan(0.96 * 500);
  for (const likely of [1, 20, 100, 800, 1000, 5000]) {
    const found = await raceRates(undefined, { ...near, likely }, trials);
    expect(found!.tokensPerSecond).toBeGreaterThan(0.96 * 500);
    expect(found!.tokensPerSecond).toBeLessThanOrEqual(500);
  }
});

test("no more is promised than came in the runs that kept the limits, or was made in them", async () => {
  const { run } = runs([500], 0.9);
  const racer = { placement: [[0, 1] as const], most: 1000, tokensPerSecond: 500 };
  const trials = { limits: LIMITS, run, seed: 1, tokensPerRequest: 1 };
  expect((await promiseBest([racer], trials))!.tokensPerSecond).toBeCloseTo(450, 6);
  // Three quarters of what comes is made: the rest is left behind.
  const behind = async (...asked: Parameters<typeof run>): Promise<SimulationReport> => {
    const report = await runs([500]).run(...asked);
    return { ...report, result: { ...report.result, decodeTokensPerSecond: 0.75 * asked[1] } };
  };
  const made = await promiseBest([racer], { ...trials, run: behind });
  expect(made!.tokensPerSecond).toBeCloseTo(375, 6);
});

test("a rate that is wanted is promised where it is kept, though what was found lies a little below or far above", async () => {
  const { run } = runs([500]);
  const trials = { limits: LIMITS, run, seed: 1, tokensPerRequest: 1 };
  const promise = async (tokensPerSecond: number, wanted: number): Promise<number | undefined> => {
    const racer = { placement: [[0, 1] as const], most: 1000, tokensPerSecond };
    return (await promiseBest([racer], { ...trials, wanted }))?.tokensPerSecond;
  };
  expect(await promise(480, 485)).toBe(485);
  expect(await promise(700, 485)).toBe(485);
  // More than is kept, and more than the network carries.
  expect(await promise(480, 495)).toBeCloseTo(0.98 * 480, 6);
  expect(await promise(480, 5000)).toBeCloseTo(0.98 * 480, 6);
});

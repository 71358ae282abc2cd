import { expect, test } from "vitest";
import { confirmRate } from "../../../src/serving/plan/confirm-rate.js";
import type { PlanAtRates } from "../../../src/serving/plan/serve-at-rate.js";
import type { SimulationReport } from "../../../src/serving/simulate/simulate-placement.js";

const LIMITS = { statistic: "mean", maxTimePerOutputToken: 1 } as const;

/** Of one run of 1,500 s, which takes a second. */
interface Told {
  readonly latency: number;
  readonly kvPeak?: number;
}

/** @param tell what the runs say, by how many there were before */
function createRuns(tell: (rate: number, before: number) => Told, full = 1e9, seconds = 100) {
  const rates: number[] = [];
  const seeds: number[] = [];
  let left = seconds;
  const runs: PlanAtRates = {
    decodeShare: 0.5,
    saturate: () => full,
    run: async (rate, seed) => {
      const { latency, kvPeak = 0.5 } = tell(rate, rates.length);
      rates.push(rate);
      seeds.push(seed);
      left -= 1;
      return {
        result: {
          timeToFirstToken: { mean: 0, p95: 0 },
          timePerOutputToken: { mean: latency, p95: latency },
          samples: [],
          nodes: [{ kvPeak }],
          requests: { arrived: 1500 * rate, finished: 1 },
          window: { startSeconds: 300, endSeconds: 1800 },
        },
      } as unknown as SimulationReport;
    },
  };
  const confirm = (from: number, wanted?: number, mayGiveUp = false) =>
    confirmRate(runs, {
      limits: LIMITS,
      from,
      wanted,
      seed: 1,
      mayGiveUp,
      secondsLeft: () => left,
    });
  return { confirm, rates, seeds };
}

test("so much less is promised as arrivals differ in the time that is simulated, and that is run with five seeds", async () => {
  const { confirm, rates, seeds } = createRuns(() => ({ latency: 0.5 }));
  const { tokensPerSecond, kept } = await confirm(1000);
  expect(kept).toBe(true);
  // Counts in 3 s vary by 0.35 around their mean; 5 × 1,500 s.
  expect(tokensPerSecond).toBeCloseTo(1000 * (1 - 0.35 * Math.sqrt(3 / 7500)), 6);
  expect(rates).toEqual([1000, ...Array<number>(5).fill(tokensPerSecond)]);
  expect(new Set(seeds.slice(1)).size).toBe(5);
  const short = createRuns(() => ({ latency: 0.5 }), 1e9, 2);
  expect((await short.confirm(1000)).tokensPerSecond).toBeLessThan(0.985 * 1000);
});

test("one run of five that breaks the limits lowers the rate", async () => {
  const { confirm, rates } = createRuns((_, before) => ({ latency: before === 4 ? 1.2 : 0.5 }));
  const { tokensPerSecond, kept } = await confirm(1000);
  expect(kept).toBe(true);
  expect(tokensPerSecond).toBeCloseTo(0.97 * rates[4]!, 6);
});

test("where runs that keep the limits differ so much that a further one might not, a step less is promised", async () => {
  const told = [0.6, 0.6, 0.97, 0.5, 0.9, 0.7];
  const wide = createRuns((_, before) => ({ latency: told[before] ?? 0.6 }));
  const { tokensPerSecond } = await wide.confirm(1000);
  expect(tokensPerSecond).toBeCloseTo(0.97 * wide.rates[1]!, 6);
  const narrow = createRuns((_, before) => ({ latency: 0.9 + 0.01 * (before % 2) }));
  expect((await narrow.confirm(1000)).tokensPerSecond).toBe(narrow.rates[1]);
  // What is asked for just as it is, is not lowered for chance.
  const asked = createRuns((_, before) => ({ latency: told[before] ?? 0.6 }));
  expect((await asked.confirm(1000, 1000)).tokensPerSecond).toBe(1000);
});

test("a KV cache that runs full is no matter below what is served at full load, and is above it", async () => {
  const tell = (rate: number): Told => ({ latency: 0.5, kvPeak: rate > 700 ? 1 : 0.8 });
  const below = await createRuns(tell, 2000).confirm(1000);
  expect(below.tokensPerSecond).toBeGreaterThan(980);
  const above = await createRuns(tell, 600).confirm(1000);
  expect(above.tokensPerSecond).toBeLessThanOrEqual(700);
  expect(above.tokensPerSecond).toBeGreaterThan(0.97 * 700);
});

test("where a tenth of the rate breaks the limits nothing is kept", async () => {
  const { confirm } = createRuns(() => ({ latency: 2 }));
  const { tokensPerSecond, kept } = await confirm(1000);
  expect(kept).toBe(false);
  expect(tokensPerSecond).toBeLessThanOrEqual(100);
});

test("where it may give up it does when its time is over, and no sooner", async () => {
  const tell = (rate: number): Told => ({ latency: rate > 500 ? 2 : 0.5 });
  const hurried = createRuns(tell, 1e9, 5);
  expect(await hurried.confirm(1000, undefined, true)).toMatchObject({ kept: false, gaveUp: true });
  expect(hurried.rates.length).toBeLessThanOrEqual(6);
  const calm = await createRuns(tell).confirm(1000, undefined, true);
  expect(calm.kept).toBe(true);
  expect(calm.tokensPerSecond).toBeLessThanOrEqual(500);
});

import { expect, test } from "vitest";
import type { Cluster } from "../../../src/core/cluster.js";
import { describeStepChosen } from "../../../src/report/step-chosen.js";
import type { PlanOptions, PlanOutcome } from "../../../src/serving/plan/plan.js";
import { planStepsWithin } from "../../../src/serving/plan/plan-steps-within.js";
import { startClock } from "../../../src/serving/plan/step-clock.js";
import { createInlinePorts } from "../../support/inline-ports.js";

const SIZES = [2048, 1024, 512, 256, 128, 64];

/**
 * Plans that take all their time, and keep the limits at these rates; of a size without one the limits are missed, or in less than
 * so many seconds nothing is found.
 * @param slow seconds that a plan takes at least, whatever it may
 */
async function planAs(
  rates: Readonly<Record<number, number>>,
  limit: number,
  more: Partial<PlanOptions> = {},
  least = 0,
  slow = 0,
) {
  let seconds = 0;
  const asked: [number, number][] = [];
  const any = (_: Cluster, options: PlanOptions): Promise<PlanOutcome> => {
    const size = options.batchTokens ?? 2048;
    asked.push([size, options.timeLimitSeconds!]);
    seconds += Math.max(slow, options.timeLimitSeconds!);
    if (options.timeLimitSeconds! < least)
      return Promise.resolve({ kind: "not-found", termination: "time-limit", strategies: [] });
    const rate = rates[size];
    if (rate === undefined) return Promise.resolve({ kind: "limits-missed" } as PlanOutcome);
    const figures = { decodeTokensPerSecond: rate / 4, promptTokensPerSecond: 0, bound: size };
    const served = { at: { rate }, ...figures };
    const file = { throughput: rate, upperBound: 1000 + size, bound: "b", served };
    const whole = { ...file, termination: "time-limit", solve: { strategies: [] } };
    return Promise.resolve({ kind: "planned", placement: [size], file: whole } as never);
  };
  const ports = { ...createInlinePorts(), now: () => seconds };
  const options = { timeLimitSeconds: limit, objective: "goodput", ...more } as const;
  const plans = { any, nodes: any, sizes: SIZES, clock: startClock(options, ports) };
  const outcome = await planStepsWithin({} as Cluster, options, ports, plans);
  return { outcome, asked, seconds };
}

test("sizes are looked at until two in a row are far behind, and the best is planned for in what time is left", async () => {
  const rates = { 2048: 100, 1024: 120, 512: 118, 256: 90, 128: 80, 64: 500 };
  const { outcome, asked, seconds } = await planAs(rates, 60);
  expect(asked.map(([size]) => size)).toEqual([2048, 1024, 512, 256, 128, 1024]);
  expect(asked[0]![1]).toBeCloseTo(27, 6);
  expect(seconds).toBeCloseTo(60, 6);
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(outcome.placement).toEqual([1024]);
  // The bound of the engine's own size holds for all.
  expect(outcome.file.upperBound).toBe(3048);
  expect(outcome.file.served!.bound).toBe(2048);
  expect(outcome.file.served!.engineStep).toEqual({
    batchTokens: 2048,
    decodeTokensPerSecond: 25,
    rate: 100,
  });
  // What runs at two rates serve differs by chance; the rates are what was compared.
  const noisy = { ...outcome.file.served!, decodeTokensPerSecond: 24 };
  expect(describeStepChosen({ engineSettings: { batchTokens: 1024 }, served: noisy })).toContain(
    "with the engine's own 2048 the limits hold with up to 100.0 tokens/s arriving, 16.67 % less",
  );
});

test("a size that brings next to nothing is not worth being set", async () => {
  const { outcome } = await planAs({ 2048: 100, 1024: 100.5 }, 60);
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(outcome.placement).toEqual([2048]);
  expect(outcome.file.served!.engineStep).toBeUndefined();
  expect(outcome.file.served!.stepsUntried).toBeUndefined();
});

test("where the engine's own size misses the limits, a smaller one that keeps them is chosen", async () => {
  const { outcome } = await planAs({ 512: 70, 256: 60 }, 60);
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(outcome.placement).toEqual([512]);
  const { served } = outcome.file;
  expect(served!.engineStep!.decodeTokensPerSecond).toBe(0);
  expect(describeStepChosen({ engineSettings: { batchTokens: 512 }, served })).toBe(
    "steps of 512 tokens, which launch files set; with the engine's own 2048 no plan was found that keeps the limits",
  );
});

test("where none keeps the limits, that is said of the engine's own after a plan in the time that is left", async () => {
  const { outcome, asked, seconds } = await planAs({}, 60);
  expect(outcome.kind).toBe("limits-missed");
  expect(asked.at(-1)![0]).toBe(2048);
  expect(seconds).toBeCloseTo(60, 6);
});

test("with little time no size but the engine's own is looked at", async () => {
  const { outcome, asked } = await planAs({ 2048: 100, 1024: 120 }, 1.5);
  expect(asked).toEqual([[2048, 1.5]]);
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(outcome.file.served!.stepsUntried).toBe("time-limit");
});

test("a proof about the flow does not hide that time was up before all sizes were looked at", async () => {
  const { outcome } = await planAs({ 2048: 100, 1024: 120 }, 4, { gap: 1 });
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(outcome.file.status).toBe("optimal");
  expect(outcome.file.termination).toBe("time-limit");
});

test("where a first plan was too short to place anything, all that is left goes into another one", async () => {
  const { outcome, asked, seconds } = await planAs({ 2048: 100, 1024: 120 }, 60, {}, 30);
  expect(asked.map(([size]) => size)).toEqual([2048, 2048]);
  expect(seconds).toBeCloseTo(60, 6);
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(outcome.placement).toEqual([2048]);
  expect((await planAs({}, 60, {}, 30)).outcome.kind).toBe("limits-missed");
  expect((await planAs({}, 60, {}, 40)).outcome.kind).toBe("not-found");
});

test("a warm start is planned for with the size that it has, whatever time there is for others", async () => {
  const start = { warmStart: [null], warmStartStep: 256 };
  const rates = { 2048: 100, 1024: 110, 512: 190, 256: 200, 128: 150 };
  const brief = await planAs(rates, 2, start);
  expect(brief.asked.map(([size]) => size)).toEqual([256, 256]);
  if (brief.outcome.kind !== "planned") throw new Error(brief.outcome.kind);
  expect(brief.outcome.placement).toEqual([256]);
  const { served } = brief.outcome.file;
  expect(served!.stepsUntried).toBe("time-limit");
  expect(served!.engineStep).toBeUndefined();
  const { asked, outcome } = await planAs(rates, 60, start);
  expect(asked.map(([size]) => size)).toEqual([256, 2048, 128, 256]);
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(outcome.file.served!.engineStep).toMatchObject({ batchTokens: 2048, rate: 100 });
});

test("nothing more is begun where looks have shown that they take longer than what time is left", async () => {
  const rates = { 2048: 100, 1024: 120, 512: 118 };
  const sizesAt = async (slow: number): Promise<readonly number[]> =>
    (await planAs(rates, 8, {}, 0, slow)).asked.map(([size]) => size);
  expect(await sizesAt(3)).toEqual([2048, 1024]);
  expect(await sizesAt(1)).toEqual([2048, 1024, 512, 1024]);
});

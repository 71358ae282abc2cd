import { expect, test } from "vitest";
import type { Curves } from "../../src/core/capacity.js";
import { findEngine } from "../../src/engines/engines.js";
import { createSaturatedRate } from "../../src/engines/saturated-rate.js";

const CURVES: Curves = {
  promptSeconds: [
    [1, 0.00001],
    [1000, 0.01],
  ],
  decodeSeconds: [
    [2, 0.002],
    [100, 0.004],
  ],
};
const REQUEST = { promptTokens: 100, outputTokens: 30 };
const HELD = { layers: 8, work: 8, mostDecodes: 100 };

test("a saturated rate is above every mix of batches tried by hand, and near the best of them", () => {
  const rate = createSaturatedRate(CURVES, findEngine("vllm"), REQUEST)(HELD);
  let best = 0;
  for (let decodes = 2; decodes <= 100; decodes += 1) {
    const prompts = (decodes * 100) / 30;
    const together = ((prompts + decodes) * 0.01) / 1000;
    const decode = 0.002 + ((decodes - 2) * 0.002) / 98;
    const seconds = 8 * (together + Math.max(0, decode - (decodes * 0.01) / 1000));
    best = Math.max(best, (prompts + decodes) / seconds);
  }
  expect(rate).toBeGreaterThanOrEqual(best);
  expect(rate).toBeLessThan(1.1 * best);
});

test("where prompts and decodes take their own time, each is in its best batch", () => {
  const rate = createSaturatedRate(CURVES, findEngine("helix"), REQUEST)(HELD);
  const secondsPerRequest = 8 * (100 * 0.00001 + (30 * 0.004) / 100);
  expect((rate * secondsPerRequest) / 130).toBeCloseTo(1, 2);
  expect(rate * secondsPerRequest).toBeGreaterThan(130);
});

test("overhead per step and layer lowers the rate, by as much as a full batch carries of it", () => {
  const engine = findEngine("vllm");
  const overhead = { stepSeconds: 0.008, layerSeconds: 0 };
  const without = createSaturatedRate(CURVES, engine, REQUEST)(HELD);
  const slower = createSaturatedRate(CURVES, { ...engine, overhead }, REQUEST)(HELD);
  const asCurve = createSaturatedRate(
    CURVES,
    { ...engine, overhead: { stepSeconds: 0, layerSeconds: 0.001 } },
    REQUEST,
  )(HELD);
  expect(slower).toBeLessThan(without);
  expect(slower).toBeCloseTo(asCurve, 3);
});

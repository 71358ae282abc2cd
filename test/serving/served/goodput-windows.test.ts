import { expect, test } from "vitest";
import { longer, timesLonger } from "../../../src/serving/served/goodput-windows.js";

test("trials are longer where many more than enough of them could be made, and never shorter", () => {
  // 78 of them in the time: no.
  expect(timesLonger(1.4, 110)).toBe(1);
  expect(timesLonger(0.15, 0.15 * 120 * 5)).toBeCloseTo(5, 9);
  expect(timesLonger(0.001, 100)).toBe(8);
  expect(longer({ warmupSeconds: 11, durationSeconds: 44 }, 5)).toEqual({
    warmupSeconds: 55,
    durationSeconds: 220,
  });
});

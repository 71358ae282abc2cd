import { expect, test } from "vitest";
import { longer, timesLonger } from "../../../src/serving/served/goodput-windows.js";

test("trials are longer where many more than enough of them could be made, and never shorter", () => {
  const short = { warmupSeconds: 10, durationSeconds: 40 };
  // 78 of them in the time: no.
  expect(timesLonger(short, 1.4, 110)).toBe(1);
  expect(timesLonger(short, 0.15, 0.15 * 120 * 4)).toBeCloseTo(4, 9);
  // Long enough.
  expect(timesLonger(short, 0.001, 100)).toBe(5);
  expect(timesLonger({ warmupSeconds: 90, durationSeconds: 360 }, 0.001, 100)).toBe(1);
  expect(longer(short, 5)).toEqual({ warmupSeconds: 50, durationSeconds: 200 });
});

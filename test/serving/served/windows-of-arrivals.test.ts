import { expect, test } from "vitest";
import { windowOfArrivals } from "../../../src/serving/served/rate-runs.js";

const SHORT = { tokens: 4000, leastSeconds: 40 };

test("a run of arrivals counts when those under way are as many as will be, in no more time than before", () => {
  const usual = windowOfArrivals(SHORT, 100);
  expect(usual).toEqual({ warmupSeconds: 15, durationSeconds: 40 });
  // Requests that are gone after five seconds need no more warm-up.
  expect(windowOfArrivals(SHORT, 100, 5)).toEqual(usual);
  const slow = windowOfArrivals(SHORT, 100, 65);
  expect(slow.warmupSeconds + slow.durationSeconds).toBeCloseTo(55, 9);
  expect(slow.warmupSeconds).toBeCloseTo(33, 9);
  // Where there is room, they go three times over.
  const long = windowOfArrivals({ tokens: 4e4, leastSeconds: 40 }, 100, 65);
  expect(long.warmupSeconds).toBe(195);
  expect(long.warmupSeconds + long.durationSeconds).toBeCloseTo(480, 9);
  // As `simulate --rate` has it at most.
  expect(windowOfArrivals({ tokens: 1e9, leastSeconds: 40 }, 100, 400).warmupSeconds).toBe(300);
});

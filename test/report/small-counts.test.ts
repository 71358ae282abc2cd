import { expect, test } from "vitest";
import type { ChangeFile } from "../../src/formats/change-schema.js";
import { describeSteps } from "../../src/report/change-steps.js";
import { countRequests } from "../../src/report/plan-carried.js";

test("one request is not several", () => {
  expect([0.6, 1.2, 1.6].map(countRequests)).toEqual(["1 request", "1 request", "2 requests"]);
});

test("steps that load nothing are below the floor for a moment, not for 0.0 s", () => {
  const floor = { asked: 100, kept: false, best: 0, proven: true, secondsBelow: 0 };
  const change = { steps: [], seconds: 0, before: [], throughput: { before: 1, after: 2 }, floor };
  const said = describeSteps(change as unknown as ChangeFile);
  expect(said).toContain("below it only while nodes change over, the least there is");
  const loads = { ...change, floor: { ...floor, secondsBelow: 2 } };
  expect(describeSteps(loads as unknown as ChangeFile)).toContain("below it for 2.0 s");
});

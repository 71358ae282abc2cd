import { expect, test } from "vitest";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import { searchSection } from "../../src/report/search-section.js";
import { openRecord, type Planned } from "../../src/serving/plan/step-record.js";

/** A plan that took some seconds, and found a placement after one of them. */
function planOf(seconds: number, decodeTokensPerSecond: number): Planned {
  const strategies = [{ strategy: "chain", throughput: 100, seconds: 1 }];
  const file = { served: { decodeTokensPerSecond }, solve: { seconds, strategies } };
  return { kind: "planned", file } as never;
}

test("plans with sizes of a step stand in the log on one clock, and on the page with what they serve", () => {
  let now = 4;
  const record = openRecord(2048, planOf(3, 20), () => now);
  now = 9;
  record.add(1024, planOf(5, 31));
  expect(record.log.map(({ seconds }) => seconds)).toEqual([2, 4, 5, 9]);
  const file = {
    solve: { seconds: 9, strategies: record.log },
    throughput: 100,
    upperBound: 110,
  } as unknown as PlacementFile;
  const words = searchSection(file).body.replaceAll(/<[^>]*>/g, " ");
  expect(words).toMatch(/steps of 1024 tokens\s+served, decode tokens\/s\s+31\.0/);
  expect(words).not.toMatch(/tokens\s+bound\s+–/);
});

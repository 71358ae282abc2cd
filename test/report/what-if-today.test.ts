import { expect, test } from "vitest";
import { InputError } from "../../src/core/errors.js";
import { listScenarioJobs } from "../../src/market/today.js";
import type { ScenarioResult } from "../../src/market/scenario-result.js";
import { describeRows } from "../../src/report/what-if-notes.js";
import { renderWhatIfReport } from "../../src/report/what-if-report.js";
import { describeToday } from "../../src/report/what-if-marginal.js";
import {
  describeUnsimulated,
  listScenarios,
  tabulateScenarios,
} from "../../src/report/what-if-table.js";

const planned = (name: string, throughput: number): ScenarioResult => ({
  name,
  outcome: "planned",
  nodes: 2,
  throughput,
  upperBound: throughput,
  gap: 0,
  bottleneck: [],
});

/** Of today, one scenario, and a better one. */
const ROWS = [planned("today", 100), planned("one", 150), planned("two", 300)];

test("scenarios are compared with today's cluster, and with nothing where it is not there", () => {
  const cells = (results: readonly ScenarioResult[]): readonly string[] => {
    const [head, ...rows] = listScenarios(results).trim().split("\n");
    const at = head!.split(",").indexOf("vs. today");
    return rows.map((row) => row.split(",")[at]!);
  };
  expect(cells(ROWS)).toEqual(["", "0.5", "2"]);
  // Another shard has today's cluster, or an interrupt came before it was planned.
  expect(cells(ROWS.slice(1))).toEqual(["", ""]);
  expect(tabulateScenarios(ROWS)).toContain("+200.0 %");
  expect(tabulateScenarios(ROWS.slice(1))).not.toContain("+100.0 %");
  const origin = { input: "", command: "" };
  expect(renderWhatIfReport("x", ROWS, undefined, origin)).toContain("+200.0 %");
  expect(renderWhatIfReport("x", ROWS.slice(1), undefined, origin)).not.toContain("+100.0 %");
});

test("what is served is compared with what is served, and else the flow with the flow", () => {
  const served = {
    decodeTokensPerSecond: 20,
    promptTokensPerSecond: 60,
    at: "saturation",
  } as const;
  const rows = [
    { ...ROWS[0]!, served: { ...served, by: "simulation" } },
    { ...ROWS[1]!, served: { ...served, decodeTokensPerSecond: 25, by: "simulation" } },
    ROWS[2]!,
  ] as readonly ScenarioResult[];
  const table = tabulateScenarios(rows);
  expect(table).toContain("+25.0 %");
  expect(table).toContain("+200.0 %");
  expect(describeUnsimulated(rows)).toEqual([
    "not simulated, so compared by flow, which is no promise: two",
  ]);
  expect(describeUnsimulated(rows.slice(0, 2))).toEqual([]);
  expect(describeUnsimulated(ROWS)).toEqual([]);
  expect(renderWhatIfReport("x", rows, undefined, { input: "", command: "" })).toContain(
    "most tokens/s of flow: two",
  );
});

test("no scenario has the name of what it is compared with", () => {
  const file = { format: "helix-place/cluster@1" } as never;
  const scenarios = [{ name: "today", changes: [] }];
  expect(() => listScenarioJobs({ file }, scenarios, {} as never, undefined)).toThrow(InputError);
});

test("a page says what is to be known of its rows, and whose latencies are limited", () => {
  const served = {
    decodeTokensPerSecond: 20,
    promptTokensPerSecond: 60,
    timeToFirstToken: 0.1,
    timePerOutputToken: 0.03,
    concurrency: 3,
    uncertainty: 2,
    at: { rate: 80, p95: { timeToFirstToken: 0.456, timePerOutputToken: 0.0789 } },
    by: "simulation",
  } as const;
  const rows = ROWS.map((row) => ({ ...row, served, termination: "time-limit" as const }));
  const notes = describeRows(rows).map((line) => line.slice(1));
  expect(notes.join(" ")).toContain("ut of time before all rates");
  expect(notes.join(" ")).toContain("± 10.00 %");
  const page = renderWhatIfReport("x", rows, undefined, { input: "", command: "" });
  for (const note of notes) expect(page).toContain(note);
  for (const text of ["p95 TTFT s", "0.456", "p95 TPOT s", "0.079"]) expect(page).toContain(text);
  expect(listScenarios(rows)).toContain("0.0789");
});

test("rows that an interrupt came before are named, in table and page", () => {
  const missing = ["b", "one more: 1 × l4"];
  const [note] = describeRows(ROWS, [], [], missing);
  expect(note).toBe("not planned: b, one more: 1 × l4");
  const page = renderWhatIfReport("x", ROWS, undefined, { input: "", command: "" }, [], missing);
  expect(page).toContain("ot planned: b, one more: 1 × l4");
  expect(describeRows(ROWS).join()).not.toContain("not planned");
});

test("marginal values whose time was up say so: a machine may be worth twice what a short search finds", () => {
  const at = { at: "saturation", by: "simulation", promptTokensPerSecond: 60 } as const;
  const today = { ...ROWS[0]!, served: { ...at, decodeTokensPerSecond: 20 } } as ScenarioResult;
  expect(describeToday(today)).not.toContain("--time-limit");
  expect(describeToday({ ...today, termination: "time-limit" })).toContain(
    "All rows share --time-limit, and it was up: with more of it gains may be far larger.",
  );
});

import { Command } from "commander";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  addPlanningOptions,
  printPlanningOptions,
  readPlanningOptions,
} from "../../src/cli/planning-options.js";
import { PLANNING_OPTIONS } from "../../src/cli/planning-option-rows.js";
import { readPlanning, type WhatIfOptions } from "../../src/cli/what-if-options.js";
import { emptySweep } from "../../src/market/sweep.js";
import { runCli } from "../support/run-cli.js";

const CLUSTER = "clusters/home-lab.json";
type Row = (typeof PLANNING_OPTIONS)[number];
const ofWhatIf = PLANNING_OPTIONS.filter(({ of }) => of.includes("what-if"));

/** Words that give the option a value it does not have by itself. */
function wordsOf({ flags, choices, preset, parse }: Row): readonly string[] {
  const long = flags.split(" ")[0]!;
  if (!flags.includes("<")) return [long];
  const value = choices?.find((choice) => choice !== preset) ?? "7";
  return [long, takesShares(parse) ? "0.25" : value];
}

/** What was read of a row: limits stand together. */
function valueOf({ key, within }: Row, read: object): unknown {
  const own = within === "limits" ? ((read as { limits?: object }).limits ?? {}) : read;
  return own[key as keyof object];
}

/** Shares are at most 1. */
function takesShares(parse: Row["parse"]): boolean {
  try {
    parse?.("7");
    return false;
  } catch {
    return true;
  }
}

function given(words: readonly string[]): WhatIfOptions {
  const command = addPlanningOptions(new Command(), "what-if");
  command.parse(words, { from: "user" });
  return command.opts();
}

/** The words of a POSIX shell command without expansions. */
function shellWords(text: string): readonly string[] {
  return [...text.matchAll(/(?:'[^']*'|\\'|[^\s'\\])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|\\(')/g, "$1$2"),
  );
}

test.each(ofWhatIf.map((row) => [row.key, row] as const))(
  "a part of a sweep that runs elsewhere plans with the same %s",
  async (_key, row) => {
    const words = wordsOf(row);
    const sweep = ["what-if", CLUSTER, "--sweep", "rtx-4090=1..2", "--emit", "slurm"];
    const { code, out } = await runCli([...sweep, ...words]);
    expect(code).toBe(0);
    const line = /^exec helix-place (.*) \\$/m.exec(out)![1]!;
    const passed = shellWords(line).filter((word) => word !== "--quiet");
    const from = passed.indexOf("--sweep=rtx-4090=1..2") + 1;
    expect(from).toBeGreaterThan(0);
    const read = (list: readonly string[]) => readPlanningOptions(given(list), "what-if");
    expect(read(passed.slice(from))).toEqual(read(words));
    expect(valueOf(row, read(words))).not.toEqual(valueOf(row, read([])));
  },
);

test.each(ofWhatIf.filter(({ key }) => key !== "threads").map((row) => [row.key, row] as const))(
  "scenarios are planned with the %s given, and a sweep's state is one of it alone",
  (key, row) => {
    // Which statistic is limited says nothing without a limit.
    const beside = key === "statistic" ? ["--max-ttft", "7"] : [];
    const planning = readPlanning(given([...beside, ...wordsOf(row)]), "sweep");
    const usual = readPlanning(given(beside), "sweep");
    expect(valueOf(row, planning)).not.toEqual(valueOf(row, usual));
    const sha256 = (one: typeof usual) =>
      emptySweep([{ name: "today", file: {} as never, planning: one }]).sha256;
    expect(sha256(planning)).not.toBe(sha256(usual));
  },
);

test.each(["plan", "what-if", "pareto", "compare", "load"] as const)(
  "%s: what is printed reads as what was given, whatever was",
  (of) => {
    const rows = PLANNING_OPTIONS.filter((row) => row.of.includes(of) && row.key !== "baseline");
    fc.assert(
      fc.property(fc.subarray([...rows]), (chosen) => {
        const parse = (words: readonly string[]) => {
          const command = addPlanningOptions(new Command(), of);
          command.parse(words, { from: "user" });
          return command.opts();
        };
        const first = parse(chosen.flatMap(wordsOf));
        expect(parse(printPlanningOptions(first, of))).toEqual(first);
      }),
      { seed: 3, numRuns: 60 },
    );
  },
);

test("a share that must not be 0 is asked for as above 0, not by the least number there is", async () => {
  const { code, err } = await runCli([CLUSTER, "--survive", "1", "--floor", "7"]);
  expect(code).toBe(2);
  expect(err).toContain("Expected a number above 0 and at most 1.");
});

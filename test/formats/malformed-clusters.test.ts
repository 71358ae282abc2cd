import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { hasStackTrace, readProblems, runCli } from "../support/run-cli.js";

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "../malformed");

/** What a malformed file must lead to. */
interface Expectation {
  readonly exit: 1 | 2;
  /** Every path named, no more and no less; "*line" stands for one place in the text. */
  readonly paths?: readonly string[];
  /** Texts that must occur on standard error. */
  readonly says?: readonly string[];
}

const expectations = JSON.parse(
  readFileSync(join(FOLDER, "expectations.json"), "utf8"),
) as Readonly<Record<string, Expectation>>;

test("every file has an expectation and the other way round; there are more than 60", () => {
  const files = readdirSync(FOLDER)
    .filter((name) => name !== "expectations.json")
    .map((name) => name.replace(/\.json$/, ""));
  expect(Object.keys(expectations).sort()).toEqual(files.sort());
  expect(files.length).toBeGreaterThan(60);
});

test.each(Object.entries(expectations))("%s", async (name, { exit, paths, says = [] }) => {
  const file = join(FOLDER, `${name}.json`);
  const before = readFileSync(file);
  const { code, out, err } = await runCli([file, "--threads", "0", "--time-limit", "1"]);
  expect(code, err).toBe(exit);
  expect(out).toBe("");
  expect(hasStackTrace(err), err).toBe(false);
  for (const text of says) expect(err).toContain(text);
  expect(readFileSync(file).equals(before)).toBe(true);
  if (exit === 1) {
    expect(err).toMatch(/^No placement /);
    return;
  }
  const problems = readProblems(file, err);
  for (const problem of problems) {
    expect(problem.found).not.toBe("");
    expect(problem.expected).not.toBe("");
    expect(problem.remedy).toMatch(/^[A-Z].*[.?]$/);
  }
  const named = problems.map(({ path }) => path).sort();
  if (paths?.[0] === "*line") {
    expect(named).toHaveLength(1);
    expect(named[0]).toMatch(/^line \d+, column \d+$/);
  } else expect(named).toEqual([...(paths ?? [])].sort());
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  expect(err).toMatch(new RegExp(`^${count} in .+\n$`, "m"));
});

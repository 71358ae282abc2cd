import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { VERSION } from "../../src/core/version.js";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import { readPlacementFile } from "../../src/formats/read-placement.js";
import { CLI, runBuilt } from "../support/built-cli.js";
import { hasStackTrace } from "../support/run-cli.js";

const SMALL = "solver-fixtures/shared-head/cluster.json";
const LARGE = "clusters/paper-42.json";
const folder = mkdtempSync(join(tmpdir(), "helix-place-"));
afterAll(() => rmSync(folder, { recursive: true }));
const place = (name: string): string => join(folder, name);

describe("results on standard output, everything else on standard error", () => {
  test("a placement, with its summary", async () => {
    const { code, out, err } = await runBuilt([SMALL]);
    expect(code).toBe(0);
    expect(readPlacementFile("out", out).throughput).toBeCloseTo(10, 6);
    expect(err).toContain("tokens/s");
  });

  test("--quiet says nothing at all", async () => {
    const { code, out, err } = await runBuilt([SMALL, "--quiet"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveProperty("format", "helix-place/placement@1");
    expect(err).toBe("");
  });

  test("--progress json gives one object per line", async () => {
    const { out, err } = await runBuilt([SMALL, "--progress", "json", "-o", place("p.json")]);
    expect(out).toBe("");
    const lines = err.split("\n").filter((line) => line.startsWith("{"));
    const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events).toContain("started");
    expect(events).toContain("incumbent");
    expect(events).toContain("bound");
  });

  test("-o writes the file whole and leaves nothing else; - reads standard input", async () => {
    const { code, out } = await runBuilt(["-", "-o", place("placement.json"), "--quiet"], {
      input: readFileSync(SMALL, "utf8"),
    });
    expect(code).toBe(0);
    expect(out).toBe("");
    expect(readdirSync(folder).filter((name) => name.includes("placement"))).toEqual([
      "placement.json",
    ]);
    const placement = readFileSync(place("placement.json"), "utf8");
    const checked = await runBuilt(["check", SMALL, "-"], { input: placement });
    expect(checked.code).toBe(0);
    expect(checked.out).toContain("The placement holds");
    expect(checked.err).toBe(""); // the same cluster, so no note about another version
  });

  test("--help, --version and schema", async () => {
    const help = await runBuilt(["--help"]);
    expect(help.code).toBe(0);
    for (const word of ["check", "explain", "schema", "plan"]) expect(help.out).toContain(word);
    expect((await runBuilt(["--version"])).out).toBe(`${VERSION}\n`);
    const schema = await runBuilt(["schema", "cluster"]);
    expect(JSON.parse(schema.out)).toHaveProperty("title");
  });

  test("a reader that closes the pipe early is no error", () => {
    const command = `"${process.execPath}" "${CLI}" schema placement | head -c 10; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", command], { encoding: "utf8" });
    expect(stdout.endsWith("0\n")).toBe(true);
    expect(stderr).toBe("");
  });
});

describe("exit codes", () => {
  test("1: no placement exists", async () => {
    const { code, out, err } = await runBuilt(["clusters/too-small.json", "-o", place("no.json")]);
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toContain("66 are missing");
    expect(readdirSync(folder)).not.toContain("no.json");
  });

  test("1: a strategy that places nothing is not a search that needs more time", async () => {
    const { code, err } = await runBuilt([SMALL, "--strategy", "compute-bounds"]);
    expect(code).toBe(1);
    expect(err).toContain("leave --strategy out");
    expect(err).not.toContain("--time-limit");
  });

  test("1: a check failed", async () => {
    const { out } = await runBuilt([SMALL, "--quiet"]);
    writeFileSync(place("wrong.json"), out.replace(/"throughput": \d+/, '"throughput": 99'));
    expect((await runBuilt(["check", SMALL, place("wrong.json")])).code).toBe(1);
    expect((await runBuilt(["explain", SMALL, place("wrong.json")])).code).toBe(1);
  });

  test.each(["many-mistakes", "truncated", "utf-16-little", "brackets-too-deep"])(
    "2: %s",
    async (name) => {
      const { code, out, err } = await runBuilt([`test/malformed/${name}.json`]);
      expect(code).toBe(2);
      expect(out).toBe("");
      expect(hasStackTrace(err)).toBe(false);
    },
  );

  test.each([
    ["the main thread", "isMainThread"],
    ["a worker thread", "!isMainThread"],
  ])("70: a bug planted in %s is owned up to, and nothing is written", async (_, where) => {
    const preload = `import { isMainThread } from "node:worker_threads";
      if (${where}) Float64Array.from = () => { throw new Error("planted"); };`;
    const argv = [SMALL, "-o", place("bug.json"), "--progress", "none"];
    const { code, out, err } = await runBuilt(argv, { preload });
    expect(code).toBe(70);
    expect(out).toBe("");
    expect(err).toContain(`This is a bug of helix-place ${VERSION}`);
    expect(err).toContain("planted");
    expect(readdirSync(folder)).not.toContain("bug.json");
  });

  test.each(["2", "0"])("130: interrupted on %s threads, the best is on disk", async (threads) => {
    const output = place(`interrupted-${threads}.json`);
    const argv = [LARGE, "--gap", "0", "--time-limit", "60", "--threads", threads];
    const { code, out } = await runBuilt([...argv, "--progress", "json", "-o", output], {
      interruptWhen: (err) => err.includes('"event":"incumbent"'),
    });
    expect(code).toBe(130);
    expect(out).toBe("");
    const file = readPlacementFile(output, readFileSync(output, "utf8"));
    expect(file.termination).toBe("interrupted");
    expect(file.throughput).toBeGreaterThan(0);
    expect((await runBuilt(["check", LARGE, output])).code).toBe(0);
  });

  test("130: an interrupt of a goodput search is answered, and the best is on disk", async () => {
    const output = place("interrupted-goodput.json");
    const cluster = "clusters/cloud-mix.json";
    const argv = [cluster, "--objective", "goodput", "--time-limit", "600", "-o", output];
    const { code, err } = await runBuilt([...argv, "--progress", "json"], {
      interruptWhen: (text) => text.includes("goodput-candidates"),
    });
    expect(code).toBe(130);
    expect(err).toContain("finishing with the best so far");
    const file = readPlacementFile(output, readFileSync(output, "utf8"));
    expect(file.termination).toBe("interrupted");
    expect(file.estimate?.method).toContain("interrupted");
  });
});

test("with an iteration limit, runs and thread counts give the same bytes", async () => {
  const argv = ["clusters/paper-24.json", "--iteration-limit", "3", "--gap", "0", "--quiet"];
  const texts: string[] = [];
  for (const threads of ["1", "1", "2"]) {
    const { code, out, err } = await runBuilt([...argv, "--threads", threads]);
    expect(code, err).toBe(0);
    texts.push(withoutTimes(out));
  }
  expect(texts[1]).toBe(texts[0]);
  expect(texts[2]).toBe(texts[0]);
});

/** The file's text with the times inside `solve` left out. */
function withoutTimes(text: string): string {
  const { solve, ...rest } = JSON.parse(text) as PlacementFile;
  const strategies = solve.strategies.map((entry) => ({ ...entry, seconds: 0 }));
  return JSON.stringify({ ...rest, solve: { ...solve, seconds: 0, strategies } }, null, 2);
}

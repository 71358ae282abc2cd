import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quoteShell } from "../../src/core/quote-shell.js";
import { CLI, plainEnvironment, runBuilt } from "../support/built-cli.js";

const folder = mkdtempSync(join(tmpdir(), "helix-place-tty-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);
/** Quick to plan, with names that need room. */
const CLUSTER = file("cluster.json");
const COLOUR = "\u001B[3";

interface Look {
  readonly columns?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** What the shell does with the streams. */
  readonly redirect?: string;
}

/** What a command shows on a real pseudo-terminal (`script` of util-linux). */
function onTerminal(argv: readonly string[], look: Look = {}): string {
  const { columns = 80, environment = {}, redirect = "" } = look;
  const command = [process.execPath, CLI, ...argv].map(quoteShell).join(" ");
  const { stdout } = spawnSync(
    "script",
    ["-qec", `stty cols ${columns}; ${command} ${redirect}`, "/dev/null"],
    { env: { ...plainEnvironment(), TERM: "xterm-256color", ...environment }, encoding: "utf8" },
  );
  return stdout.replaceAll("\r\n", "\n");
}

/** Lines as they stand on the screen in the end. */
function linesOf(shown: string): readonly string[] {
  return shown.split("\n").map((line) =>
    line
      .split("\r")
      .at(-1)!
      // oxlint-disable-next-line no-control-regex -- what steers a terminal begins with it
      .replace(/\u001B\[\d*[mK]/g, ""),
  );
}

const SHORT = ["--iteration-limit", "2"];

beforeAll(async () => {
  const text = readFileSync("solver-fixtures/shared-head/cluster.json", "utf8")
    .replaceAll('"m-', '"a-machine-with-a-long-name-')
    .replaceAll('"id": "', '"id": "rack-17-upper-row-node-');
  writeFileSync(CLUSTER, text);
  await runBuilt([CLUSTER, ...SHORT, "-o", file("p.json"), "--quiet"]);
});

const COMMANDS: readonly (readonly string[])[] = [
  [CLUSTER, ...SHORT, "-o", file("q.json")],
  ["explain", CLUSTER, file("p.json")],
  ["explain", CLUSTER, file("p.json"), "--failures", ...SHORT],
  [
    "compare",
    CLUSTER,
    "--placement",
    file("p.json"),
    "--strategy",
    "swarm",
    "--duration",
    "5",
    "--warmup",
    "1",
  ],
  ["simulate", CLUSTER, file("p.json"), "--duration", "5", "--warmup", "1"],
  [
    "replan",
    CLUSTER,
    file("p.json"),
    "--drain",
    "rack-17-upper-row-node-b",
    ...SHORT,
    "-o",
    file("r.json"),
  ],
  ["train", "clusters/train-homogeneous.json"],
  ["gpus"],
  ["models"],
  ["export", "--list"],
];

describe("on a terminal of 80 columns", () => {
  test.each(COMMANDS.map((argv) => [argv[0] === CLUSTER ? "plan" : argv[0]!, argv] as const))(
    "%s fits",
    (_, argv) => {
      const lines = linesOf(onTerminal(argv));
      expect(lines.length).toBeGreaterThan(3);
      expect(lines.filter((line) => Array.from(line).length > 80)).toEqual([]);
    },
  );

  test("a wider one shows more, and COLUMNS says it where nothing else does", async () => {
    expect(onTerminal(["models", "qwen"], { columns: 120 })).not.toContain("Left out");
    expect(onTerminal(["models", "qwen"])).toContain("Left out of 80 columns: state");
    expect((await runBuilt(["models", "qwen"])).out).toContain("Left out of 80 columns");
    const { out } = await runBuilt(["models", "qwen"], { env: { COLUMNS: "120" } });
    expect(out).not.toContain("Left out");
  });
});

describe("colour", () => {
  const explain = ["explain", CLUSTER, file("p.json")];

  test("is on a terminal, and each stream is looked at alone", () => {
    expect(onTerminal(explain)).toContain(COLOUR);
    expect(onTerminal(["nothing.json"])).toContain(COLOUR);
    onTerminal(explain, { redirect: `> ${file("out.txt")}` });
    expect(readFileSync(file("out.txt"), "utf8")).not.toContain(COLOUR);
    const shown = onTerminal(["train", "clusters/train-homogeneous.json", "-o", file("t.txt")]);
    expect(shown).not.toContain(COLOUR);
    expect(readFileSync(file("t.txt"), "utf8")).not.toContain(COLOUR);
  });

  test.each([{ NO_COLOR: "1" }, { TERM: "dumb" }, { FORCE_COLOR: "0" }])(
    "is not where %o",
    (environment) => {
      expect(onTerminal(["nothing.json"], { environment })).not.toContain(COLOUR);
    },
  );

  test("is in a pipe only where it is forced, and never in what programs read", async () => {
    expect((await runBuilt(explain)).out).not.toContain(COLOUR);
    const env = { FORCE_COLOR: "1" };
    expect((await runBuilt(explain, { env })).out).toContain(COLOUR);
    const { out } = await runBuilt([...explain, "--json"], { env });
    expect(out).not.toContain("\u001B");
  });
});

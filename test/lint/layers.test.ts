import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/** One forbidden line per file, and the rule that must refuse it. */
const PLANTED: Readonly<Record<string, readonly [line: string, rule: string]>> = {
  "src/flow/planted.ts": [`import "../cluster/cluster.js";`, "no-restricted-imports"],
  "src/flow/planted-node.ts": [`import "node:fs";`, "no-restricted-imports"],
  "src/lp/planted.ts": [`import "../flow/network.js";`, "no-restricted-imports"],
  "src/lp/planted-solver.ts": [`import "highs";`, "no-restricted-imports"],
  "src/model/planted.ts": [`import "../cluster/cluster.js";`, "no-restricted-imports"],
  "src/profile/planted.ts": [`import "../cluster/cluster.js";`, "no-restricted-imports"],
  "src/cluster/planted.ts": [`import "../placement/placement.js";`, "no-restricted-imports"],
  "src/placement/planted.ts": [`import "../network/pipelines.js";`, "no-restricted-imports"],
  "src/network/planted.ts": [`import "../lp/solver.js";`, "no-restricted-imports"],
  "src/milp/planted.ts": [`import "../solver/highs.js";`, "no-restricted-imports"],
  "src/bounds/planted.ts": [`import "../search/problem.js";`, "no-restricted-imports"],
  "src/search/planted.ts": [`import "../app/plan.js";`, "no-restricted-imports"],
  "src/search/planted-node.ts": [`import "node:worker_threads";`, "no-restricted-imports"],
  "src/solver/planted.ts": [`import "../milp/node-model.js";`, "no-restricted-imports"],
  "src/schema/planted.ts": [`import "../search/problem.js";`, "no-restricted-imports"],
  "src/check/planted.ts": [`import "../flow/dinic.js";`, "no-restricted-imports"],
  "src/check/planted-network.ts": [
    `import "../network/placement-network.js";`,
    "no-restricted-imports",
  ],
  "src/report/planted.ts": [`import "../search/problem.js";`, "no-restricted-imports"],
  "src/io/planted.ts": [`import "../app/plan.js";`, "no-restricted-imports"],
  "src/app/planted.ts": [`import "../cli/run.js";`, "no-restricted-imports"],
  "src/app/planted-commander.ts": [`import "commander";`, "no-restricted-imports"],
  "src/search/planted-clock.ts": [
    "export const now = (): number => performance.now();",
    "no-restricted-globals",
  ],
  "src/app/planted-process.ts": [
    "export const home = (): string => process.cwd();",
    "no-restricted-globals",
  ],
  "src/milp/planted-chance.ts": [
    "export const draw = (): number => Math.random();",
    "no-restricted-properties",
  ],
  "src/check/planted-console.ts": [
    `export const shout = (): void => console.log("!");`,
    "no-console",
  ],
};

/** Lines of the same shape that the rules must let pass. */
const ALLOWED: Readonly<Record<string, string>> = {
  "src/flow/allowed.ts": `import "../errors.js";`,
  "src/search/allowed.ts": `import "../milp/node-model.js";`,
  "src/check/allowed.ts": `import "../cluster/cluster.js";`,
  "src/io/allowed.ts": `import "node:fs";`,
  "src/cli/allowed.ts": "export const home = (): string => process.cwd();",
};

interface Diagnostic {
  readonly filename: string;
  readonly code: string;
}

const folder = mkdtempSync(join(tmpdir(), "helix-place-lint-"));
afterAll(() => rmSync(folder, { recursive: true }));
let found: readonly Diagnostic[];

beforeAll(() => {
  cpSync(".oxlintrc.json", join(folder, ".oxlintrc.json"));
  const lines = { ...ALLOWED };
  for (const [file, [line]] of Object.entries(PLANTED)) lines[file] = line;
  for (const [file, line] of Object.entries(lines)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${line}\n`);
  }
  const { stdout } = spawnSync(resolve("node_modules/.bin/oxlint"), ["--format", "json", "src"], {
    cwd: folder,
    encoding: "utf8",
  });
  found = (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics;
});

test.each(Object.entries(PLANTED))("%s is refused", (file, [, rule]) => {
  const codes = found.filter(({ filename }) => filename === file).map(({ code }) => code);
  expect(codes.some((code) => code.includes(rule))).toBe(true);
});

test("what the layers allow passes", () => {
  expect(found.filter(({ filename }) => Object.hasOwn(ALLOWED, filename))).toEqual([]);
});

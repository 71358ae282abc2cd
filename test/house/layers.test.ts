import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

interface Room {
  readonly room: string;
  readonly mayImport: readonly string[];
  readonly packages?: readonly string[];
}

const { rooms, packages, clock } = JSON.parse(readFileSync("layers.json", "utf8")) as {
  readonly rooms: readonly Room[];
  readonly packages: readonly string[];
  readonly clock: readonly string[];
};

/** What each room imports here that it may not: every other room and every package not its own. */
const refused = new Map<string, string[]>();
/** What each room may import, of the same shape. */
const allowed = new Map<string, string[]>();

for (const { room, mayImport, packages: own = [] } of rooms) {
  const lines = (names: readonly string[]): string[] =>
    names.map((other) => `import "${posix.relative(room, other)}/planted.js";`);
  const others = rooms.map((other) => other.room).filter((other) => other !== room);
  const ofPackages = packages.map((name) => name.replace("*", "fs"));
  const isOwn = (name: string): boolean =>
    own.some((mine) => name === mine || name.startsWith(`${mine}/`));
  refused.set(room, [
    ...lines(others.filter((other) => !mayImport.includes(other))),
    ...packages
      .map((name, index) => [name, ofPackages[index]!] as const)
      .filter(([name]) => !isOwn(name))
      .map(([, name]) => `import "${name}";`),
  ]);
  allowed.set(room, lines(mayImport));
}

/** What only the edge of the program may touch. */
const WORLD: Readonly<Record<string, string>> = {
  "no-restricted-globals": "export const now = (): number => performance.now();",
  "no-restricted-properties": "export const draw = (): number => Math.random();",
  "no-console": `export const shout = (): void => console.log("!");`,
};

interface Diagnostic {
  readonly filename: string;
  readonly code: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

const folder = mkdtempSync(join(tmpdir(), "helix-place-lint-"));
afterAll(() => rmSync(folder, { recursive: true }));
let found: readonly Diagnostic[];

function write(file: string, lines: readonly string[]): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), `${lines.join("\n")}\n`);
}

/** The lines of a file that a rule refuses. */
function refusedLines(file: string, rule: string): number[] {
  const of = found.filter(({ filename, code }) => filename === file && code.includes(rule));
  return [...new Set(of.map(({ labels }) => labels[0]!.span.line))].toSorted((a, b) => a - b);
}

beforeAll(() => {
  cpSync(".oxlintrc.json", join(folder, ".oxlintrc.json"));
  for (const { room } of rooms) {
    write(`src/${room}/refused.ts`, refused.get(room)!);
    write(`src/${room}/allowed.ts`, ["export {};", ...allowed.get(room)!]);
    for (const [rule, line] of Object.entries(WORLD)) write(`src/${room}/${rule}.ts`, [line]);
  }
  const { stdout } = spawnSync(resolve("node_modules/.bin/oxlint"), ["--format", "json", "src"], {
    cwd: folder,
    encoding: "utf8",
  });
  found = (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics;
});

test.each(rooms.map(({ room }) => room))("%s: every import it may not have is refused", (room) => {
  const lines = refused.get(room)!;
  expect(refusedLines(`src/${room}/refused.ts`, "no-restricted-imports")).toEqual(
    lines.map((_, index) => index + 1),
  );
  expect(refusedLines(`src/${room}/allowed.ts`, "no-restricted-imports")).toEqual([]);
});

test.each(rooms.map(({ room }) => room))("%s: clock, chance and console are refused", (room) => {
  const atEdge = clock.some((files) => files.startsWith(`src/${room}/`));
  for (const rule of Object.keys(WORLD)) {
    const free = atEdge && rule !== "no-restricted-properties";
    expect(refusedLines(`src/${room}/${rule}.ts`, rule)).toEqual(free ? [] : [1]);
  }
});

test("lint rules and the table in docs/architecture.md follow from layers.json", () => {
  const { status, stderr } = spawnSync("node", ["scripts/layers.mjs", "--check"], {
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
});

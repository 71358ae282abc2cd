import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VERSION } from "../../src/core/version.js";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const folder = mkdtempSync(join(tmpdir(), "helix-place-package-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files: readonly string[];

/** Runs a program in the folder of the fresh project; its output, or an error with all it said. */
function execute(program: string, argv: readonly string[], cwd = folder): string {
  const run = spawnSync(program, argv, { cwd, encoding: "utf8" });
  if (run.status !== 0) throw new Error(`${program} ${argv.join(" ")}: ${run.stdout}${run.stderr}`);
  return run.stdout;
}

// The tarball's content is unpacked where npm would put it, and only its declared dependencies are
// linked beside it: what it needs beyond them is missing there, as for whoever installs it.
beforeAll(() => {
  const packed = execute(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
    process.cwd(),
  );
  const [tarball] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
  files = tarball.files.map(({ path }) => path);
  const modules = join(folder, "node_modules");
  const home = join(modules, manifest.name);
  mkdirSync(home, { recursive: true });
  execute("tar", ["xzf", tarball.filename, "-C", home, "--strip-components=1"]);
  for (const name of Object.keys(manifest.dependencies)) {
    symlinkSync(resolve("node_modules", name), join(modules, name));
  }
  mkdirSync(join(modules, ".bin"));
  symlinkSync(join(home, manifest.bin["helix-place"]!), join(modules, ".bin/helix-place"));
  execute("chmod", ["+x", join(home, manifest.bin["helix-place"]!)]);
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }`);
});

test("it holds what it needs and nothing else", () => {
  const expected = [
    /^package\.json$/,
    /^README\.md$/,
    /^LICENSE$/,
    /^CHANGELOG\.md$/,
    /^dist\/[a-z0-9/-]+\.js$/,
    /^dist\/[a-z0-9/-]+\.d\.ts$/,
    /^docs\/schema\/[a-z]+\.json$/,
    /^clusters\/[a-z0-9-]+\.json$/,
  ];
  const strangers = files.filter((file) => !expected.some((pattern) => pattern.test(file)));
  expect(strangers).toEqual([]);
  for (const pattern of expected) expect(files.some((file) => pattern.test(file))).toBe(true);
  for (const file of ["dist/index.js", "dist/index.d.ts", "dist/app/search-worker.js"]) {
    expect(files).toContain(file);
  }
});

test("versions agree", () => {
  expect(VERSION).toBe(manifest.version);
});

test("npx helix-place plans", () => {
  const out = execute("npx", [
    "--no-install",
    "helix-place",
    `node_modules/${manifest.name}/clusters/paper-24.json`,
    "--quiet",
  ]);
  expect((JSON.parse(out) as { throughput: number }).throughput).toBeCloseTo(2045.641, 2);
});

test("3: a solver that is not installed, with how to install it", () => {
  const cluster = `node_modules/${manifest.name}/clusters/one-machine.json`;
  const argv = ["--no-install", "helix-place", cluster, "--solver", "glpk", "-o", "glpk.json"];
  const run = spawnSync("npx", argv, { cwd: folder, encoding: "utf8" });
  expect(run.status).toBe(3);
  expect(run.stdout).toBe("");
  expect(run.stderr).toContain("The solver failed: GLPK is not installed");
  expect(run.stderr).toContain("npm install glpk.js");
  expect(existsSync(join(folder, "glpk.json"))).toBe(false);
});

test("the library plans in worker threads, with types under strict TypeScript", () => {
  writeFileSync(join(folder, "plan.ts"), PROGRAM);
  const options = {
    target: "es2023",
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: false,
    types: [],
    outDir: "out",
    rootDir: ".",
  };
  const config = { compilerOptions: options, files: ["plan.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  execute(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"]);
  const printed = execute(process.execPath, ["out/plan.js"]);
  expect(JSON.parse(printed)).toEqual({ throughput: 10, failures: 0 });
});

const CLUSTER = readFileSync("solver-fixtures/shared-head/cluster.json", "utf8");
const PROGRAM = `
import { checkPlacement, loadCluster, plan, type PlacementFile, type PlanOutcome } from "helix-place";

const { cluster, sha256 } = loadCluster("inline", ${JSON.stringify(CLUSTER)});
const outcome: PlanOutcome = await plan(cluster, { threads: 2, gap: 1e-4, clusterSha256: sha256 });
if (outcome.kind !== "planned") throw new Error(outcome.kind);
const file: PlacementFile = outcome.file;
declare const console: { log(text: string): void };
const throughput = Math.round(file.throughput * 1e6) / 1e6;
console.log(JSON.stringify({ throughput, failures: checkPlacement(cluster, file).length }));
`;

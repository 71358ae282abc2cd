import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VERSION } from "../../src/core/version.js";
import { createFreshProject, manifest, type FreshProject } from "./fresh-project.js";

let project: FreshProject;
beforeAll(() => {
  project = createFreshProject();
});
afterAll(() => project.remove());

test("it holds what it needs and nothing else", () => {
  const expected = [
    /^package\.json$/,
    /^README\.md$/,
    /^LICENSE$/,
    /^CHANGELOG\.md$/,
    /^dist\/[a-z0-9/-]+\.js$/,
    /^dist\/[a-z0-9/-]+\.d\.ts$/,
    /^dist\/node\/chunk-[A-Z0-9]{8}\.js$/,
    /^dist\/page\/(index\.html|page\.(js|css)|highs\.wasm\.zst|licences\.txt)$/,
    /^dist\/report\/chart\/plot\.licences\.txt$/,
    /^CONTRIBUTING\.md$/,
    /^docs\/[a-z-]+\.md$/,
    /^docs\/decisions\/[0-9]{4}-[a-z0-9-]+\.md$/,
    /^docs\/images\/[a-z0-9-]+\.(svg|png)$/,
    /^docs\/schema\/[a-z]+\.json$/,
    /^clusters\/[a-z0-9-]+\.json$/,
  ];
  const strangers = project.files.filter((file) => !expected.some((pattern) => pattern.test(file)));
  expect(strangers).toEqual([]);
  for (const pattern of expected)
    expect(project.files.some((file) => pattern.test(file))).toBe(true);
  for (const file of ["dist/index.js", "dist/index.d.ts", "dist/node/search-worker.js"]) {
    expect(project.files).toContain(file);
  }
});

test("versions agree", () => {
  expect(VERSION).toBe(manifest.version);
});

test("npx helix-place plans", () => {
  const out = project.execute("npx", [
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
  const run = spawnSync("npx", argv, { cwd: project.folder, encoding: "utf8" });
  expect(run.status).toBe(3);
  expect(run.stdout).toBe("");
  expect(run.stderr).toContain("The solver failed: GLPK is not installed");
  expect(run.stderr).toContain("npm install glpk.js");
  expect(existsSync(join(project.folder, "glpk.json"))).toBe(false);
});

test("the library plans in worker threads, with types under strict TypeScript", () => {
  writeFileSync(join(project.folder, "plan.ts"), PROGRAM);
  project.compile(["plan.ts"]);
  const printed = project.execute(process.execPath, ["out/plan.js"]);
  expect(JSON.parse(printed)).toEqual({ throughput: 10, failures: 0 });
});

test("the page's entry plans in the calling thread, with types under strict TypeScript", () => {
  writeFileSync(join(project.folder, "page.ts"), PAGE);
  project.compile(["page.ts"]);
  const wasm = createRequire(import.meta.url).resolve("highs/runtime");
  const printed = project.execute(process.execPath, ["out/page.js", wasm]);
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
const PAGE = `
import { checkPlacement, createBrowserPorts, loadCluster, plan } from "helix-place/browser";

declare const process: { argv: string[] };
const { cluster } = loadCluster("inline", ${JSON.stringify(CLUSTER)});
const ports = createBrowserPorts({ solverWasm: process.argv[2]! });
const outcome = await plan(cluster, { gap: 1e-4, iterationLimit: 1 }, ports);
if (outcome.kind !== "planned") throw new Error(outcome.kind);
declare const console: { log(text: string): void };
const throughput = Math.round(outcome.file.throughput * 1e6) / 1e6;
console.log(JSON.stringify({ throughput, failures: checkPlacement(cluster, outcome.file).length }));
`;

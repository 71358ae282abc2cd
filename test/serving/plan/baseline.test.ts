import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkPlacement } from "../../../src/check/check-placement.js";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import { plan } from "../../../src/node/library.js";
import { BASELINES, placeBaseline } from "../../../src/planner/starts/baselines.js";
import { runCli } from "../../support/run-cli.js";

const PATH = "clusters/paper-42.json";
const open = (path: string) => loadCluster(path, readFileSync(path, "utf8")).cluster;
const cluster = open(PATH);
const QUICK = { iterationLimit: 1, threads: 0 };
const names = BASELINES.map(({ name }) => name);

test("the published flow of Swarm comes out: 757.9 tokens/s on 24 nodes in one region", async () => {
  const single = open("clusters/paper-24.json");
  const outcome = await plan(single, { ...QUICK, baseline: "swarm" });
  expect(outcome.kind === "planned" && outcome.file.throughput).toBeCloseTo(757.9, 1);
});

test.each(names)("%s can be written as a placement that the checker accepts", async (name) => {
  const made = placeBaseline(cluster, name, 3);
  const outcome = await plan(cluster, { ...QUICK, baseline: name, seed: 3 });
  if (made.kind === "impossible") {
    expect(outcome).toEqual({ kind: "baseline-impossible", reason: made.reason });
    return;
  }
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(outcome.placement).toEqual(made.placement);
  expect(outcome.notes).toEqual(made.notes);
  expect(checkPlacement(cluster, outcome.file)).toEqual([]);
  expect(outcome.file.upperBound).toBeGreaterThanOrEqual(outcome.file.throughput);
});

test("pins and drained nodes hold for a baseline, too", async () => {
  const constraints = { pins: new Map([[0, [55, 67]] as const]), drained: new Set([7]) };
  const outcome = await plan(cluster, { ...QUICK, baseline: "petals", constraints });
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(outcome.placement[0]).toEqual([55, 67]);
  expect(outcome.placement[7]).toBeNull();
});

test("the command line writes it, says what was left out, and refuses what it would ignore", async () => {
  const { code, out, err } = await runCli([PATH, "--baseline", "separate-plus", "--threads", "0"]);
  expect([code, err]).toEqual([
    0,
    expect.stringContaining("separate-plus: v100: 6 nodes hold 24 of 80 layers"),
  ]);
  expect(JSON.parse(out)).toMatchObject({ format: "helix-place/placement@1", objective: "flow" });
  const both = await runCli([PATH, "--baseline", "petals", "--objective", "goodput"]);
  expect([both.code, both.out]).toEqual([2, ""]);
  expect(both.err).toContain("cannot be used with");
  const none = await runCli([PATH, "--baseline", "separate"]);
  expect([none.code, none.out]).toEqual([1, ""]);
  expect(none.err).toContain("separate makes no placement of this cluster: a100: 4 nodes");
});

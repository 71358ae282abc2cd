import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { createNodePorts } from "../../src/node/node-ports.js";
import { findFront } from "../../src/serving/plan/find-front.js";
import { describeFrontCuts } from "../../src/report/pareto-report.js";
import { runCli } from "../support/run-cli.js";

let folder = "";
let cluster = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pareto-"));
  cluster = join(folder, "cluster.json");
  const machines = { a: { gpu: "A100-80GB" } };
  const nodes = [{ id: "a", machine: "a", region: "r" }];
  const network = { withinRegion: { bandwidth: "10 Gb/s" } };
  const file = { format: "helix-place/cluster@1", name: "one", model: "llama-2-7b" };
  await writeFile(
    cluster,
    JSON.stringify({ ...file, machines, nodes, network, coordinator: { region: "r" } }),
  );
});
/** One placement alone stands in the front then, and it takes less time. */
const OWN_STEP = "--no-choose-batch-tokens";
afterAll(() => rm(folder, { recursive: true }));

test("pareto says what it is doing, and keeps quiet where it is told to", async () => {
  const brief = ["pareto", cluster, "--iteration-limit", "1", "--threads", "0", OWN_STEP];
  const told = await runCli(brief);
  expect(told.err).toMatch(/looking for placements[^]*placements found[^]*placements? simulated/u);
  const quiet = await runCli([...brief, "--quiet"]);
  expect(quiet.err).toBe("");
  expect(quiet.out).toBe(told.out);
});

test("a front goes along load: latencies fall with what arrives", async () => {
  const front = async (...loads: readonly string[]) => {
    const brief = ["--iteration-limit", "1", "--threads", "0", OWN_STEP, "--quiet", "--json"];
    const { code, out, err } = await runCli(["pareto", cluster, ...brief, "--loads", ...loads]);
    return { code, err, points: code === 0 ? JSON.parse(out) : [] };
  };
  const { points } = await front("0.4,0.8");
  expect(points.map(({ load }: { load?: number }) => load)).toEqual([undefined, 0.8, 0.4]);
  const [full, most, few] = points;
  for (const [point, share] of [[most, 0.8] as const, [few, 0.4] as const]) {
    const ratio = point.decodeTokensPerSecond / full.decodeTokensPerSecond;
    expect(Math.abs(ratio / share - 1)).toBeLessThan(0.1);
    expect(point.placement).toEqual(full.placement);
    expect(point.number).toBe(1);
  }
  expect(few.timePerOutputToken.mean).toBeLessThan(most.timePerOutputToken.mean);
  expect(most.timePerOutputToken.mean).toBeLessThan(full.timePerOutputToken.mean);
  expect((await front("none")).points).toHaveLength(1);
  const wrong = await front("0.5,1.2");
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("between 0 and 1")]);
});

test("a front names the estimates of the machines that its placements have", async () => {
  const parted = join(folder, "parted.json");
  const file = {
    format: "helix-place/cluster@1",
    name: "two",
    model: "llama-3.2-3b",
    machines: { two: { gpu: "L4", gpus: 2 } },
    nodes: [{ id: "a", machine: "two" }],
    network: { withinRegion: { bandwidth: "10 Gb/s" } },
  };
  await writeFile(parted, JSON.stringify(file));
  const brief = ["pareto", parted, "--iteration-limit", "1", "--threads", "0", OWN_STEP];
  const page = join(folder, "parted.html");
  const told = await runCli([...brief, "--loads", "none", "--report", page, "-o", `${folder}/all`]);
  expect(told.code, told.err).toBe(0);
  const degrees = new Set<string>();
  for (const name of await readdir(join(folder, "all"))) {
    const text = await readFile(join(folder, "all", name), "utf8");
    const { assumptions = [] } = JSON.parse(text) as PlacementFile;
    for (const { where } of assumptions) degrees.add(/tp\d/.exec(where)?.[0] ?? "");
  }
  for (const shown of [told.out, await readFile(page, "utf8")])
    for (const degree of ["tp1", "tp2"])
      expect(shown.includes(`two/${degree}`)).toBe(degrees.has(degree));
});

test("a front says that not all loads were run", async () => {
  const file = JSON.parse(await readFile(cluster, "utf8")) as ClusterFile;
  const lookAt = async (abortAt: string) => {
    const controller = new AbortController();
    const onPhase = (doing: string): void => {
      if (doing === abortAt) controller.abort();
    };
    const brief = { iterationLimit: 1, threads: 0, chooseBatchTokens: false, loads: [0.5] };
    const asked = { ...brief, signal: controller.signal, onPhase };
    return findFront(resolveCluster("one", file), asked, createNodePorts());
  };
  expect(await lookAt("never")).not.toHaveProperty("loadsCut");
  const cut = await lookAt("simulating at other loads");
  expect(cut).toMatchObject({ kind: "front", loadsCut: true });
  expect(describeFrontCuts({ loadsCut: true }).join()).toContain("all of --loads");
});

test("a front whose plan was out of time says so", () => {
  expect(describeFrontCuts({ planCut: true }).join()).toMatch(/out of time.*more may be served/);
  expect(describeFrontCuts({})).toEqual([]);
});

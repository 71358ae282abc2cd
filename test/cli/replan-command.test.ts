import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { loadCluster } from "../../src/formats/load-cluster.js";
import { checkPlacement } from "../../src/check/check-placement.js";
import { readPlacementFile } from "../../src/formats/read-placement.js";
import { hasStackTrace, readProblems, runCli } from "../support/run-cli.js";

const CLUSTER = "clusters/home-lab.json";
const LIMITS = ["--iteration-limit", "2", "--threads", "0"];
const folder = mkdtempSync(join(tmpdir(), "helix-place-replan-"));
const at = (name: string): string => join(folder, name);
const read = (path: string): string => readFileSync(path, "utf8");

interface Running {
  model: { name: string; layers: number };
  cluster: { name: string };
  nodes: { id: string; layers: [number, number] | null }[];
}

/** The running placement with something changed, as a file. */
function change(name: string, edit: (file: Running) => void): string {
  const file = JSON.parse(read(at("running.json"))) as Running;
  edit(file);
  writeFileSync(at(name), JSON.stringify(file));
  return at(name);
}

beforeAll(async () => {
  // Changes are planned for flow: what serves most may carry less, and would be changed.
  const words = [CLUSTER, ...LIMITS, "--objective", "flow", "-o", at("running.json")];
  const { code } = await runCli(words);
  expect(code).toBe(0);
});

test("an unchanged cluster loads nothing", async () => {
  const outcome = await runCli(["replan", CLUSTER, at("running.json"), ...LIMITS, "--json"]);
  expect(outcome.code).toBe(0);
  const report = JSON.parse(outcome.out) as { bytes: number; bytesBound: number; gone: string[] };
  expect(report).toMatchObject({ bytes: 0, bytesBound: 0, gone: [], added: [] });
});

test("a node that holds nothing any more is loaded, and the new placement stands the check", async () => {
  const running = change("emptied.json", ({ nodes }) => {
    nodes.find(({ layers }) => layers !== null)!.layers = null;
  });
  const words = ["replan", CLUSTER, running, ...LIMITS, "-o", at("new.json"), "--json"];
  const outcome = await runCli(words);
  expect(outcome.code).toBe(0);
  const report = JSON.parse(outcome.out) as { bytes: number; bytesBound: number };
  expect(report.bytes).toBeGreaterThanOrEqual(report.bytesBound);
  expect(report.bytes).toBeGreaterThan(0);
  const file = readPlacementFile("new.json", read(at("new.json")));
  const cluster = loadCluster(CLUSTER, read(CLUSTER)).cluster;
  expect(checkPlacement(cluster, file)).toEqual([]);
});

test("nodes that the cluster does not have are named as gone", async () => {
  const running = change("renamed.json", ({ nodes }) => {
    nodes.find(({ layers }) => layers !== null)!.id = "left-long-ago";
  });
  const { code, err } = await runCli(["replan", CLUSTER, running, ...LIMITS, "-o", at("x.json")]);
  expect(code).toBe(0);
  expect(err).toContain("Nodes gone: left-long-ago; new: ");
});

test.each([
  ["another model", (file: Running) => void (file.model.name = "gpt-2"), ["model"]],
  [
    "another cluster",
    (file: Running) => file.nodes.forEach((node, k) => (node.id = `other-${k}`)),
    ["nodes"],
  ],
  [
    "several faults at once",
    (file: Running) => {
      file.nodes[0]!.layers = [5, 5];
      file.nodes[1]!.id = file.nodes[0]!.id;
    },
    ["nodes[0].layers", "nodes[1].id"],
  ],
])("a placement of %s is refused in clear words", async (name, edit, paths) => {
  const running = change(`${name.replaceAll(" ", "-")}.json`, edit);
  const { code, out, err } = await runCli(["replan", CLUSTER, running, ...LIMITS]);
  expect(code).toBe(2);
  expect(out).toBe("");
  expect(hasStackTrace(err)).toBe(false);
  expect(readProblems(running, err).map(({ path }) => path)).toEqual(paths);
});

test("a placement that no longer fits is named, and changed to one that does", async () => {
  const running = change("too-much.json", ({ nodes, model }) => {
    nodes.find(({ layers }) => layers !== null)!.layers = [0, model.layers];
  });
  const words = ["replan", CLUSTER, running, ...LIMITS, "-o", at("fits.json")];
  const { code, err } = await runCli(words);
  expect(code).toBe(0);
  expect(err).toMatch(/what runs no longer fits on \S+: it serves nothing/);
  const cluster = loadCluster(CLUSTER, read(CLUSTER)).cluster;
  expect(checkPlacement(cluster, readPlacementFile("fits.json", read(at("fits.json"))))).toEqual(
    [],
  );
}, 60_000);

test("bytes are not set against what is served", async () => {
  const running = change("served.json", (file) => {
    (file as Running & { objective: string }).objective = "served";
  });
  const { code, err } = await runCli(["replan", CLUSTER, running, ...LIMITS, "--front"]);
  expect(code).toBe(2);
  expect(readProblems("command line", err).map(({ path }) => path)).toEqual(["--front"]);
});

test.each([
  ["--load-rate", "0 GB/s"],
  ["--within", "1"],
  ["--drain", "nobody"],
])("%s %s is refused", async (option, value) => {
  const words = ["replan", CLUSTER, at("running.json"), option, value];
  const { code, err } = await runCli(words);
  expect(code).toBe(2);
  expect(hasStackTrace(err)).toBe(false);
});

test("draining everything says that no placement exists", async () => {
  const { nodes } = JSON.parse(read(at("running.json"))) as Running;
  const ids = nodes.map(({ id }) => id);
  const words = ["replan", CLUSTER, at("running.json"), ...LIMITS, "--drain", ...ids];
  const { code, err } = await runCli(words);
  expect(code).toBe(1);
  expect(err).toContain("No placement exists");
});

test("explain --failures lists every node that holds layers, regions and links, and replans", async () => {
  const words = ["explain", CLUSTER, at("running.json"), "--failures", "--json"];
  const limits = ["--time-limit", "4"];
  const { losses, throughput } = JSON.parse((await runCli([...words, ...limits])).out) as {
    throughput: number;
    losses: {
      kind: string;
      name: string;
      throughput: number;
      after: { kind: string; throughput: number; bytes: number; bytesBound: number };
    }[];
  };
  const { nodes } = JSON.parse(read(at("running.json"))) as Running;
  const holders = nodes.filter(({ layers }) => layers !== null).map(({ id }) => id);
  const named = losses.filter(({ kind }) => kind === "node").map(({ name }) => name);
  expect(named.toSorted()).toEqual(holders.toSorted());
  expect(losses.some(({ kind }) => kind === "region")).toBe(true);
  expect(losses.some(({ kind }) => kind === "links")).toBe(true);
  for (const { throughput: left, after } of losses) {
    if (after.kind !== "replanned") continue;
    expect(after.throughput).toBeGreaterThanOrEqual(0.98 * left);
    expect(after.bytesBound).toBeLessThanOrEqual(after.bytes);
  }
  expect(throughput).toBeGreaterThan(0);
}, 60_000);

test("a file of another kind is called what it is, once", async () => {
  const { code, err } = await runCli(["replan", at("running.json"), CLUSTER, ...LIMITS]);
  expect(code).toBe(2);
  expect(err).toContain("a cluster file");
  expect(err).toContain("1 problem in");
});

test("a placement of a cluster with another name is changed, and that is said", async () => {
  const running = change("elsewhere.json", ({ cluster }) => {
    cluster.name = "elsewhere";
  });
  const { code, err } = await runCli(["replan", CLUSTER, running, ...LIMITS, "-o", at("new.json")]);
  expect(code).toBe(0);
  expect(err).toContain("made for elsewhere, not for home-lab");
});

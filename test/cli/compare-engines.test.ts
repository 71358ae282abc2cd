import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Comparison } from "../../src/serving/simulate/compare.js";
import type { SimulationReport } from "../../src/serving/simulate/simulate-placement.js";
import { runCli } from "../support/run-cli.js";

const CLUSTER = {
  format: "helix-place/cluster@1",
  name: "two kinds",
  model: "llama-3-8b",
  machines: { a100: { gpu: "A100-40GB" }, l4: { gpu: "L4" } },
  nodes: [
    { id: "a", machine: "a100" },
    { id: "l", machine: "l4", count: 2 },
  ],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
};
const ENGINES = ["vllm", "sglang", "llama.cpp"];
const SHORT = ["--warmup", "20", "--duration", "60", "--threads", "0"];

let folder = "";
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "compare-"));
  await writeFile(at("c.json"), JSON.stringify(CLUSTER));
  for (const engine of ENGINES) {
    const plan = [at("c.json"), "--engine", engine, "--baseline", "separate", "--threads", "0"];
    expect((await runCli([...plan, "-o", at(`${engine}.json`), "--quiet"])).code).toBe(0);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const compare = (...more: readonly string[]) =>
  runCli([
    "compare",
    at("c.json"),
    "--strategy",
    "separate",
    ...SHORT,
    ...more,
    "--placement",
    ...ENGINES.map((engine) => at(`${engine}.json`)),
  ]);

describe("placements planned for several engines", () => {
  test("show what simulate shows of each, below the bound of its own engine", async () => {
    const { rows } = JSON.parse((await compare("--json", "--quiet")).out) as Comparison;
    for (const engine of ENGINES) {
      const path = at(`${engine}.json`);
      const { out } = await runCli(["simulate", at("c.json"), path, ...SHORT, "--json"]);
      const { flow, result } = JSON.parse(out) as SimulationReport;
      const row = rows.find(({ placement }) => placement === path)!;
      expect(row.report.engine).toBe(engine);
      expect(row.report.flow).toBe(flow);
      expect(row.report.result.decodeTokensPerSecond).toBe(result.decodeTokensPerSecond);
    }
    for (const { bound, report } of rows) expect(report.flow).toBeLessThanOrEqual(bound * 1.000001);
    expect(new Set(rows.map(({ bound }) => bound)).size).toBeGreaterThan(1);
  });

  test("have their engine and its estimates beside them, on a page as well", async () => {
    const { out, err } = await compare("--report", at("compare.html"));
    const page = await readFile(at("compare.html"), "utf8");
    for (const engine of ENGINES) expect(out).toMatch(new RegExp(` helix +${engine} `));
    expect(err).toContain("sglang.json: Engine sglang");
    expect(out).toContain(
      "Simulated 20 s to 80 s: offline azure-conversation, chain batching, seed 1.",
    );
    for (const text of [out, page]) expect(text).toContain("overhead of llama.cpp not measured");
    expect(page).toContain("Simulated 20 s to 80 s");
    expect(page).not.toContain("Flow bound");
  });

  test("more load than is served is said, and that schedulers choose among nothing", async () => {
    const load = ["--rate", "20000", "--quiet", "--scheduler", "swarm"];
    const { out } = await compare(...load, "--report", at("load.html"));
    const page = await readFile(at("load.html"), "utf8");
    for (const text of [out, page]) {
      expect(text).toMatch(/Overloaded: \d of 4 runs/);
      expect(text).toContain("schedulers make no difference there");
    }
    const { out: light } = await compare("--rate", "50", "--quiet");
    expect(light).not.toMatch(/Overloaded|queue \+/);
  });
});

test("the bound of a comparison is of the requests that come", async () => {
  const base = ["compare", at("c.json"), ...SHORT, "--strategy", "separate", "--json", "--quiet"];
  const { out } = await runCli([...base, "--workload", "sharegpt"]);
  const { rows, bound } = JSON.parse(out) as Comparison;
  expect(rows[0]!.bound).toBe(bound);
  const { out: own } = await runCli(base);
  expect(bound).not.toBe((JSON.parse(own) as Comparison).bound);
});

test("a plan with a smaller step stands below the bound of all steps, as it does when it is planned", async () => {
  const asked = ["--engine", "vllm", "--baseline", "separate", "--threads", "0", "--quiet"];
  const step = ["--batch-tokens", "64", "-o", at("small.json")];
  expect((await runCli([at("c.json"), ...asked, ...step])).code).toBe(0);
  const { rows, bound } = JSON.parse(
    (await compare("--json", "--quiet", "--placement", at("small.json"))).out,
  ) as Comparison;
  const small = rows.find(({ placement }) => placement === at("small.json"))!;
  expect(small.batchTokens).toBe(64);
  expect(small.bound).toBe(bound);
  const own = JSON.parse(
    (await compare("--json", "--quiet", "--batch-tokens", "64")).out,
  ) as Comparison;
  expect(own.bound).toBeLessThan(0.99 * bound);
});

test("the page of a run says that more arrives than is served, what ran it, and calls its flow no bound", async () => {
  const load = [...SHORT, "--rate", "20000", "--quiet", "--report", at("run.html")];
  const { out } = await runCli(["simulate", at("c.json"), at("vllm.json"), ...load]);
  const page = await readFile(at("run.html"), "utf8");
  const [overload, , engine] = out.split("\n");
  expect(overload).toMatch(/^Overloaded/);
  expect(page).toContain(overload);
  expect(page).toContain(engine);
  expect(page).not.toContain("a bound");
});

test("a placement of another version of the cluster is named, one of another model refused", async () => {
  await writeFile(at("later.json"), JSON.stringify({ ...CLUSTER, name: "later" }));
  const placement = ["--placement", at("vllm.json"), "--strategy", "separate", ...SHORT];
  const later = await runCli(["compare", at("later.json"), ...placement]);
  expect(later.err).toContain("vllm.json was made for another version of this cluster file");
  await writeFile(at("other.json"), JSON.stringify({ ...CLUSTER, model: "llama-3-70b" }));
  for (const run of [
    ["compare", at("other.json"), ...placement],
    ["simulate", at("other.json"), at("vllm.json"), ...SHORT],
  ]) {
    const { code, err } = await runCli(run);
    expect(code).toBe(2);
    expect(err).toContain("the 32 layers of llama-3-8b");
    expect(err).toContain("the 80 layers of llama-3-70b");
  }
});

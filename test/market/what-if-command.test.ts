import type { ScenarioResult } from "../../src/market/scenario-result.js";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readSweep, writeSweep } from "../../src/market/sweep.js";
import { runBuilt } from "../support/built-cli.js";
import { runCli } from "../support/run-cli.js";

const CLUSTER = {
  format: "helix-place/cluster@1",
  name: "three",
  model: {
    name: "m",
    layers: 4,
    layerBytes: 1e9,
    activationBytes: 1000,
    tokenBytes: 2,
    kvBytesPerToken: 100,
  },
  machines: {
    big: { pricePerHour: 3, profile: { tokensPerSecond: [400, 200, 130, 100] } },
    small: { pricePerHour: 1, profile: { tokensPerSecond: [150, 75] } },
  },
  nodes: [
    { id: "big", machine: "big", region: "here", count: 1 },
    { id: "small", machine: "small", region: "here", count: 2 },
  ],
  network: {
    withinRegion: { bandwidth: "1 MB/s" },
    acrossRegions: { bandwidth: "50 kB/s" },
  },
  coordinator: { region: "here" },
};
const PRICES = {
  format: "helix-place/prices@1",
  name: "list",
  date: "2025-06-01",
  machines: {
    big: { pricePerHour: 3, availability: [{ region: "here", count: 3 }] },
    small: {
      pricePerHour: 1,
      availability: [
        { region: "here", count: 4 },
        { region: "there", count: 2, pricePerHour: 1.5 },
      ],
    },
  },
};
const QUICK = ["--threads", "0", "--quiet", "--iteration-limit", "5"];
const GRID = ["--sweep", "big=1..2,small=0..2", "--gap", "0.3"];

let folder = "";
let cluster = "";
let prices = "";
const path = (name: string): string => join(folder, name);
const whatIf = (...argv: string[]) => runCli(["what-if", cluster, ...argv, ...QUICK]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "what-if-"));
  cluster = path("cluster.json");
  prices = path("prices.json");
  await writeFile(cluster, JSON.stringify(CLUSTER));
  await writeFile(prices, JSON.stringify(PRICES));
});
afterAll(() => rm(folder, { recursive: true }));

describe("what-if on the command line", () => {
  test("scenarios stand beside today, with cost and bottleneck", async () => {
    const { code, out } = await whatIf(
      "--add",
      "1xbig",
      "--scenario",
      "lean: remove 2xsmall",
      "--json",
    );
    expect(code).toBe(0);
    const { scenarios } = JSON.parse(out);
    expect(scenarios.map(({ name }: { name: string }) => name)).toEqual([
      "today",
      "+1xbig",
      "lean",
    ]);
    const [today, more, lean] = scenarios;
    expect(lean).toMatchObject({ throughput: 100, costPerHour: 3 });
    expect(lean.bottleneck).toMatchObject([{ kind: "compute", where: "big", count: 1 }]);
    expect(more.throughput).toBeGreaterThan(today.throughput);
    expect(today.throughput).toBeGreaterThan(lean.throughput);
    expect(lean.costPerMillionTokens).toBeCloseTo((3 / 3600 / 100) * 1e6, 9);
  });

  test("an interrupt keeps the rows that are done and counts the others", async () => {
    const changes = ["--scenario", "a: remove 2xl4@us-west", "--marginal"];
    const { code, out, err } = await runBuilt(
      [
        "what-if",
        "clusters/cloud-mix.json",
        ...changes,
        "--threads",
        "1",
        "--time-limit",
        "2",
        "--gap",
        "0",
        "--json",
      ],
      { interruptWhen: (text) => text.includes("today:") },
    );
    expect(code).toBe(130);
    expect(err).toContain("Interrupted: 1 not planned, and no marginal values");
    const { scenarios, missing } = JSON.parse(out);
    expect(scenarios.map(({ name }: { name: string }) => name)).toEqual(["today"]);
    expect(missing).toBe(1);
  });

  test("one more machine costs what its region asks for it", async () => {
    const { out } = await whatIf("--marginal", "--prices", prices, "--json");
    const costs = JSON.parse(out).marginal.map(
      ({ what, costPerHour }: { what: string; costPerHour?: number }) => [what, costPerHour],
    );
    expect(costs).toContainEqual(["1 × small in there", 1.5]);
    expect(costs).toContainEqual(["1 × small in here", 1]);
  });

  test("marginal values and a purchase are not asked for at once", async () => {
    const { code, err } = await whatIf("--marginal", "--budget", "5", "--prices", prices);
    expect(code).toBe(2);
    expect(err).toContain("Ask for one at a time.");
  });

  test("marginal values are what planning again gives", async () => {
    const { out } = await whatIf("--marginal", "--add", "1xbig", "--json");
    const { scenarios, marginal } = JSON.parse(out);
    const big = marginal.find(({ what }: { what: string }) => what.includes("big"));
    expect(big.throughput).toBeCloseTo(scenarios[1].throughput, 6);
    expect(big.gain).toBeCloseTo(scenarios[1].throughput - scenarios[0].throughput, 6);
    const kinds = marginal.map(({ kind }: { kind: string }) => kind);
    expect(kinds.filter((kind: string) => kind === "bandwidth")).toHaveLength(2);
  });

  test("a purchase can be planned from the file it writes", async () => {
    const output = path("bought.json");
    const { code, out } = await whatIf(
      "--prices",
      prices,
      "--target",
      "300",
      "--gap",
      "0",
      "--json",
      "-o",
      output,
    );
    expect(code).toBe(0);
    const purchase = JSON.parse(out);
    expect(purchase.result.throughput).toBeGreaterThanOrEqual(300 * (1 - 1e-6));
    expect(purchase.bound).toBeLessThanOrEqual(purchase.pricePerHour);
    const planned = await runCli([output, ...QUICK, "--gap", "0"]);
    expect(JSON.parse(planned.out).throughput).toBeCloseTo(purchase.result.throughput, 4);
    expect((await whatIf("--prices", prices, "--target", "1e6")).code).toBe(1);
    expect((await whatIf("--budget", "10")).code).toBe(2);
    expect((await whatIf("--prices", prices, "--budget", "10", "--target", "5")).code).toBe(2);
  });

  test("a target within limits is met by a mix that keeps them, or not at all", async () => {
    const served = path("served.json");
    const machines = { A100: { availability: [{ region: "here", count: 3 }], pricePerHour: 2 } };
    const nodes = [{ id: "a", machine: "A100", count: 1, region: "here" }];
    const gpu = { A100: { gpu: "A100-40GB", pricePerHour: 2 } };
    await writeFile(
      served,
      JSON.stringify({ ...CLUSTER, model: "llama-2-7b", machines: gpu, nodes }),
    );
    const list = path("gpus.json");
    await writeFile(list, JSON.stringify({ ...PRICES, machines }));
    const buy = async (...argv: string[]) => {
      const limits = ["--target", "700", "--prices", list, "--gap", "0.01", "--json"];
      const { code, out } = await runCli(["what-if", served, ...limits, ...argv, ...QUICK]);
      return { code, purchase: JSON.parse(out) };
    };
    const free = await buy("--max-tpot", "10");
    expect(free.code).toBe(0);
    const { service, pricePerHour } = free.purchase;
    expect(service.missedBy).toBe(0);
    expect(free.purchase.beside.at(-1).name).toBe("today");
    const tighter = String(0.97 * service.decodeLatency);
    const tight = await buy("--max-tpot", tighter);
    expect(tight.code).toBe(0);
    expect(tight.purchase.pricePerHour).toBeGreaterThan(pricePerHour);
    expect(tight.purchase.service.decodeLatency).toBeLessThanOrEqual(Number(tighter));
    expect(tight.purchase.bound).toBeLessThanOrEqual(pricePerHour);
    const none = await buy("--max-tpot", "1e-6");
    expect(none.code).toBe(1);
    expect(none.purchase.nearest.tokensPerSecond).toBeLessThan(700);
  });

  test("output tokens cost as many times as much as the load asked for goes into all of it", async () => {
    const served = path("loaded.json");
    const gpu = { A100: { gpu: "A100-80GB", pricePerHour: 2 } };
    const nodes = [{ id: "a", machine: "A100", count: 1, region: "here" }];
    await writeFile(
      served,
      JSON.stringify({ ...CLUSTER, model: "llama-2-7b", machines: gpu, nodes }),
    );
    const more = ["--add", "A100", "--load", "0.5", "--iteration-limit", "1", "--threads", "0"];
    const { out } = await runCli(["what-if", served, ...more, "--quiet", "--json"]);
    const { scenarios } = JSON.parse(out);
    expect(scenarios).toHaveLength(2);
    for (const { atLoad, costPerMillionOutputTokens: full } of scenarios)
      expect(atLoad).toEqual({ load: 0.5, costPerMillionOutputTokens: full / 0.5 });
    const half = await runCli(["what-if", served, ...more, "--quiet", "--csv"]);
    expect(half.out).toContain("$/M at 50 %");
    expect((await runCli(["what-if", served, "--add", "A100", "--load", "0"])).code).toBe(2);
    const sweep = ["--sweep", "A100=1..2", "--load", "0.5", "--json"];
    expect((await runCli(["what-if", served, ...sweep])).code).toBe(2);
  });

  test("a budget too small is told what would do", async () => {
    const poor = await whatIf("--budget", "0.5 $/h", "--prices", prices);
    expect(poor.code).toBe(1);
    expect(poor.out).toContain("the cheapest on offer that does costs 2.00 $/h");
    expect((await whatIf("--budget", "some", "--prices", prices)).err).toContain("40 $/h");
  });

  test("limits need a target, and machines with curves", async () => {
    const alone = await whatIf("--max-tpot", "1", "--budget", "5", "--prices", prices);
    expect([alone.code, alone.err]).toEqual([2, expect.stringContaining("--target")]);
    const blind = await whatIf("--max-tpot", "1", "--target", "5", "--prices", prices);
    expect([blind.code, blind.err]).toEqual([2, expect.stringContaining("curves")]);
  });

  test("a sweep stopped half way, or run in parts, comes to the same bytes", async () => {
    const whole = path("whole.json");
    await whatIf(...GRID, "--state", whole);
    const bytes = await readFile(whole, "utf8");
    const state = readSweep(whole, bytes);
    expect(state.results.size).toBe(7);

    const half = path("half.json");
    const done = new Map([...state.results].filter(([position]) => position % 2 === 0));
    await writeFile(half, writeSweep({ ...state, results: done }));
    await whatIf(...GRID, "--state", half);
    expect(await readFile(half, "utf8")).toBe(bytes);

    const parts = [1, 2, 3, 4].map((part) => path(`part-${part}.json`));
    for (const [index, part] of parts.entries()) {
      await whatIf(...GRID, "--state", part, "--shard", `${index + 1}/4`);
    }
    const merged = path("merged.json");
    const page = path("sweep.html");
    const report = ["--report", page];
    const { code } = await whatIf(...GRID, "--state", merged, ...report, "--merge", ...parts);
    expect(code).toBe(0);
    const shown = await readFile(page, "utf8");
    for (const { name } of state.results.values()) expect(shown).toContain(`<td>${name}</td>`);
    expect(await readFile(merged, "utf8")).toBe(bytes);
    expect((await whatIf(...GRID, "--merge", parts[0]!)).code).toBe(1);
    expect((await whatIf("--sweep", "big=1..3", "--merge", ...parts)).code).toBe(2);
  });

  test("what is no state of this sweep is never overwritten by one", async () => {
    const whole = path("state-of-grid.json");
    await whatIf(...GRID, "--state", whole);
    const foreign: readonly (readonly [string, string | Uint8Array])[] = [
      ["letter.txt", "Dear Ada"],
      ["empty", ""],
      ["cluster-copy.json", JSON.stringify(CLUSTER)],
      ["bytes", Uint8Array.of(0xff, 0xfe, 0x00, 0x80)],
      ["other-sweep.json", (await readFile(whole, "utf8")).replace(/"sha256":"./, '"sha256":"x')],
    ];
    for (const [name, content] of foreign) {
      await writeFile(path(name), content);
      for (const merge of [[], ["--merge", whole]]) {
        const { code } = await whatIf(...GRID, "--state", path(name), ...merge);
        expect(code, name).toBe(2);
        expect(await readFile(path(name)), name).toEqual(Buffer.from(content));
      }
    }
  });

  test("manifests run every shard", async () => {
    const { out: yaml } = await whatIf(...GRID, "--emit", "kubernetes", "--shards", "3");
    const job = parse(yaml);
    expect(job).toMatchObject({
      apiVersion: "batch/v1",
      kind: "Job",
      spec: { completionMode: "Indexed", completions: 3 },
    });
    const [container] = job.spec.template.spec.containers;
    expect(container.args[0]).toContain("--shard $shard/3");
    expect(container.args[0]).toContain("cluster.json");
    const { out: script } = await whatIf(...GRID, "--emit", "slurm", "--shards", "3");
    expect(script).toContain("#SBATCH --array=1-3");
    expect(script).toContain('--shard "$SLURM_ARRAY_TASK_ID/3"');
  });

  test("a table for spreadsheets holds what the others do, figures in full", async () => {
    const csv = await whatIf("--add", "1xbig", "--csv");
    expect(csv.code).toBe(0);
    const [head, today, more, ...rest] = csv.out.split("\n").map((line) => line.split(","));
    expect(rest).toEqual([[""]]);
    const { out } = await whatIf("--add", "1xbig", "--json");
    const { scenarios } = JSON.parse(out) as { scenarios: readonly ScenarioResult[] };
    const column = (title: string) => head!.indexOf(title);
    for (const [at, row] of [today!, more!].entries()) {
      expect(row[column("scenario")]).toBe(scenarios[at]!.name);
      expect(Number(row[column("tokens/s")])).toBe(scenarios[at]!.throughput);
      expect(Number(row[column("bound")])).toBe(scenarios[at]!.upperBound);
    }
    expect(today![column("vs. today")]).toBe("");
    const gain = scenarios[1]!.throughput / scenarios[0]!.throughput - 1;
    expect(Number(more![column("vs. today")])).toBe(gain);
    const { out: text } = await whatIf("--add", "1xbig");
    // A title may stand in two lines, or below the table among those that had no room.
    for (const title of head!) expect(text).toContain(title.split(" ").at(-1)!);
    expect((await whatIf("--add", "1xbig", "--csv", "--json")).code).toBe(2);
  });

  test.each([
    [[]],
    [["--add", "2xnothing"]],
    [["--sweep", "big"]],
    [["--sweep", "big=1", "--shard", "3/2"]],
    [["--add", "1xbig", "-o", "x.json"]],
    [["--budget", "5", "--max-tpot", "1"]],
    [["--target", "5", "--objective", "flow"]],
    [["--marginal", "--sweep", "big=1..2"]],
    [["--merge", "x.json"]],
    [["--add", "1xbig", "--state", "x.json"]],
  ])("%j is refused with a reason", async (argv) => {
    const { code, err } = await whatIf(...argv);
    expect(code).toBe(2);
    expect(err).toContain("expected");
  });
});

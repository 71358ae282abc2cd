import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runBuilt } from "../support/built-cli.js";
import { runCli } from "../support/run-cli.js";

/** Cards that nobody measured, and a model whose file leaves a size to its family. */
const CLUSTER = {
  format: "helix-place/cluster@1",
  name: "estimates",
  model: { config: "config.json" },
  workload: { promptTokens: 700, outputTokens: 200 },
  machines: {
    a: { gpu: "L4", pricePerHour: "1 $/h" },
    b: { gpu: "T4", pricePerHour: "0.5 $/h" },
  },
  nodes: [
    { id: "a", machine: "a" },
    { id: "b", machine: "b" },
  ],
  network: { withinRegion: { bandwidth: "10 GB/s", latency: "0.1 ms" } },
};
const MODEL = {
  model_type: "gemma3_text",
  num_hidden_layers: 6,
  hidden_size: 5120,
  num_attention_heads: 40,
  num_key_value_heads: 8,
  intermediate_size: 27_648,
  sliding_window: 512,
  vocab_size: 32_000,
};
const PRICES = {
  format: "helix-place/prices@1",
  name: "prices",
  date: "2026-11-01",
  machines: {
    L4: { nic: "10 Gb/s", pricePerHour: "1 $/h", availability: [{ region: "default", count: 2 }] },
  },
};
const WINDOW = ["--warmup", "5", "--duration", "10"];
const BRIEF = ["--iteration-limit", "1", "--threads", "0"];
/** Many plans, each in a fifth of the time. */
const OWN_STEP = [...BRIEF, "--no-choose-batch-tokens"];
const JSON_TOO = ["text", "--json"];

interface Command {
  readonly name: string;
  readonly argv: readonly string[];
  /** Its report page, where it has one. */
  readonly report?: true;
  readonly formats?: readonly string[];
  /** In a process of its own: it starts threads of the built files. */
  readonly built?: true;
}

const COMMANDS: readonly Command[] = [
  { name: "explain", argv: ["explain", "c.json", "p.json"] },
  { name: "explain --failures", argv: ["explain", "c.json", "p.json", "--failures"] },
  { name: "check", argv: ["check", "c.json", "p.json"] },
  {
    name: "simulate",
    argv: ["simulate", "c.json", "p.json", ...WINDOW],
    report: true,
    built: true,
  },
  {
    name: "compare",
    argv: ["compare", "c.json", "--placement", "p.json", "--threads", "0", ...WINDOW],
    report: true,
  },
  { name: "pareto", argv: ["pareto", "c.json", ...BRIEF], report: true },
  { name: "what-if", argv: ["what-if", "c.json", "--add", "1xa", ...BRIEF], report: true },
  { name: "marginal values", argv: ["what-if", "c.json", "--marginal", ...OWN_STEP], report: true },
  {
    name: "a sweep",
    argv: ["what-if", "c.json", "--sweep", "a=1..2,b=1", ...BRIEF],
    report: true,
  },
  {
    name: "what to buy",
    argv: ["what-if", "c.json", "--budget", "2", "--prices", "prices.json", ...BRIEF],
    report: true,
  },
  {
    name: "replan",
    argv: ["replan", "c.json", "p.json", ...BRIEF, "-o", "r.json"],
    formats: ["--json"],
  },
];

let folder: string;
let before: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "helix-place-estimated-"));
  before = process.cwd();
  process.chdir(folder);
  writeFileSync("c.json", JSON.stringify(CLUSTER));
  writeFileSync("config.json", JSON.stringify(MODEL));
  writeFileSync("prices.json", JSON.stringify(PRICES));
  const planned = await runCli([
    "plan",
    "c.json",
    ...BRIEF,
    "-o",
    "p.json",
    "--report",
    "plan.html",
  ]);
  expect(planned.code, planned.err).toBe(0);
  says(planned.err);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

/** Estimates and how far they may be off, and what was assumed of the model. */
function says(text: string): void {
  expect(text).toMatch(/estimated, not measured/);
  expect(text).toMatch(/± \d+ %/);
  expect(text).toContain("head_dim is not in the file");
}

describe("every report made from estimates says so, with their error and what was assumed", () => {
  it("plan: file and page", () => {
    says(readFileSync("p.json", "utf8"));
    says(readFileSync("plan.html", "utf8"));
  });

  it.each(COMMANDS)(
    "$name",
    async ({ argv, report, built, formats = JSON_TOO }) => {
      for (const format of formats) {
        const page = report === true && format === "text" ? ["--report", "page.html"] : [];
        const asJson = format === "--json" ? ["--json"] : [];
        const quiet = ["explain", "check"].includes(argv[0]!) ? [] : ["--quiet"];
        const whole = [...argv, ...page, ...asJson, ...quiet];
        const { out, err, code } =
          built === true ? await runBuilt(whole, { cwd: folder }) : await runCli(whole);
        expect([0, 1], err).toContain(code);
        says(out);
        if (asJson.length > 0) JSON.parse(out);
        if (page.length > 0) says(readFileSync("page.html", "utf8"));
      }
    },
    120_000,
  );

  it("a purchase of nothing names the machines on offer, not those of today", async () => {
    const argv = ["what-if", "c.json", "--budget", "0.5", "--prices", "prices.json", "--json"];
    const { out, code } = await runCli([...argv, ...OWN_STEP, "--quiet"]);
    expect(code).toBe(1);
    const { assumptions } = JSON.parse(out) as { assumptions: { where: string }[] };
    const machines = assumptions.flatMap(({ where }) =>
      where.startsWith("machines.") ? [where] : [],
    );
    expect(machines).toEqual(["machines.L4"]);
  });

  it("replan: what it tells", async () => {
    const { err } = await runCli(["replan", "c.json", "p.json", ...BRIEF, "-o", "r.json"]);
    says(err);
    says(readFileSync("r.json", "utf8"));
  });
});

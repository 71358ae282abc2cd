import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addTrainCommand } from "../../src/cli/train-command.js";
import type { ExitCode, Terminal } from "../../src/cli/terminal.js";
import { InputError } from "../../src/core/errors.js";

const HETEROGENEOUS = "clusters/train-heterogeneous-cluster.json";

let folder = "";
let out = "";
let err = "";
let code: ExitCode | undefined;
let interrupt = new AbortController();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "train-"));
  out = "";
  err = "";
  code = undefined;
  interrupt = new AbortController();
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  code = undefined;
});

async function run(...args: readonly string[]): Promise<void> {
  const program = new Command().exitOverride();
  const terminal: Terminal = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    interactive: false,
    readStandardInput: () => Promise.resolve(new Uint8Array()),
    signal: interrupt.signal,
    processId: process.pid,
  };
  addTrainCommand(program, { terminal, exit: (value) => void (code = value) });
  await program.parseAsync(["train", ...args], { from: "user" });
}

test("an interrupt ends the search, in either mode, with nothing written", async () => {
  for (const mode of ["exact", "amp"]) {
    const file = join(folder, `${mode}.txt`);
    interrupt.abort();
    await run(HETEROGENEOUS, "--mode", mode, "-o", file);
    expect(code).toBe(130);
    expect(out).toBe("");
    expect(err).toContain("Interrupted.");
    expect(existsSync(file)).toBe(false);
  }
});

test("the table lists strategies cheapest first and says what is proven", async () => {
  await run(HETEROGENEOUS, "--top", "3");
  const lines = out.split("\n");
  const costs = lines.slice(1, 4).map((line) => Number(line.trim().split(/\s+/)[1]));
  expect(costs).toEqual(costs.toSorted((a, b) => a - b));
  expect(out).toContain(`takes less than ${costs[0]!.toFixed(4)} s`);
  expect(code).toBeUndefined();
});

test("JSON holds terms that add up, the rank map and the bound", async () => {
  const file = join(folder, "plans.json");
  await run(HETEROGENEOUS, "--json", "-o", file);
  expect(out).toBe("");
  const document = JSON.parse(readFileSync(file, "utf8")) as {
    readonly format: string;
    readonly bound: number;
    readonly plans: readonly {
      readonly seconds: number;
      readonly terms: Readonly<Record<string, number>>;
      readonly ranks: readonly unknown[];
      readonly stages: readonly { readonly layers: readonly [number, number] }[];
    }[];
  };
  expect(document.format).toBe("helix-place/training@1");
  expect(document.plans).toHaveLength(10);
  for (const plan of document.plans) {
    const sum = Object.values(plan.terms).reduce((a, b) => a + b, 0);
    expect(sum / plan.seconds).toBeCloseTo(1, 12);
    expect(plan.ranks).toHaveLength(16);
    expect(plan.stages[0]!.layers[0]).toBe(0);
    plan.stages.forEach(({ layers }, stage) => {
      expect(layers[1]).toBe(plan.stages[stage + 1]?.layers[0] ?? 26);
    });
  }
  expect(document.bound / document.plans[0]!.seconds).toBeCloseTo(1, 9);
});

test("amp mode lists the whole space", async () => {
  await run(HETEROGENEOUS, "--mode", "amp", "--top", "all");
  expect(out).toContain("53 strategies, nothing proven");
});

test("launchers get the cut, the degrees and the node order", async () => {
  await run(HETEROGENEOUS, "--launcher", "megatron");
  const layout = /--pipeline-model-parallel-layout "([^"]+)"/.exec(out)![1]!;
  expect(layout).toMatch(/^E/);
  expect(layout).toMatch(/L$/);
  const blocks = [...layout.matchAll(/t(?:\*(\d+))?/g)].map((match) => Number(match[1] ?? 1));
  expect(blocks.reduce((a, b) => a + b, 0)).toBe(24);
  expect(out.match(/torchrun --nnodes=4 --nproc-per-node=4/g)).toHaveLength(4);
  out = "";
  await run(HETEROGENEOUS, "--launcher", "deepspeed");
  expect(out).toMatch(/self\.parts = \[0, (\d+, )+26\]/);
  expect(out.match(/slots=4/g)).toHaveLength(4);
  expect(out).toContain('"train_batch_size": 32');
  out = "";
  await run(HETEROGENEOUS, "--launcher", "torchrun");
  expect(out).toContain("--node-rank=3");
});

test("a launcher that cannot take the plan refuses, exit code 1", async () => {
  await run("clusters/train-heterogeneous-model.json", "--launcher", "megatron");
  expect(out).toBe("");
  expect(err).toContain("transformers only");
  expect(code).toBe(1);
  err = "";
  await run(HETEROGENEOUS, "--launcher", "deepspeed", "--zero", "3");
  expect(err).toContain("ZeRO stage 0 or 1");
});

test("the timeline draws two boxes per stage and micro-batch", async () => {
  const file = join(folder, "timeline.svg");
  await run(HETEROGENEOUS, "--timeline", file, "--json", "--top", "1");
  const { plans } = JSON.parse(out) as {
    readonly plans: readonly {
      readonly microBatches: number;
      readonly stages: readonly unknown[];
    }[];
  };
  const svg = readFileSync(file, "utf8");
  const passes = svg.match(/<title>(forward|backward) /g)!;
  expect(passes).toHaveLength(2 * plans[0]!.microBatches * plans[0]!.stages.length);
  expect(svg).toMatch(/^<svg [^>]+>/);
});

test("no plan within memory is the answer no: exit code 1, nothing on stdout", async () => {
  const job = JSON.parse(readFileSync(HETEROGENEOUS, "utf8")) as {
    cluster: { machines: Record<string, { memory: string }> };
  };
  for (const machine of Object.values(job.cluster.machines)) machine.memory = "1 MB";
  const file = join(folder, "small.json");
  writeFileSync(file, JSON.stringify(job));
  await run(file);
  expect(out).toBe("");
  expect(err).toContain("no strategy fits");
  expect(code).toBe(1);
  code = undefined;
  await run(file, "--no-memory");
  expect(out).toContain("too much");
});

test("input errors are thrown for the caller to report", async () => {
  await expect(run("no-such-file.json")).rejects.toBeInstanceOf(InputError);
  await expect(run(HETEROGENEOUS, "--top", "0")).rejects.toBeInstanceOf(InputError);
  const file = join(folder, "broken.json");
  writeFileSync(file, "{");
  await expect(run(file)).rejects.toBeInstanceOf(InputError);
});

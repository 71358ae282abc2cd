import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { readJob } from "../../src/cli/train-files.js";
import type { Terminal } from "../../src/cli/terminal.js";
import type { InputError } from "../../src/core/errors.js";
import { runCli } from "../support/run-cli.js";

test("what a cluster file's machines lack for training is asked for where the job adds it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "train-"));
  const write = (name: string, value: object): void =>
    writeFileSync(join(folder, name), JSON.stringify(value));
  write("lab.json", {
    machines: { lab: { gpu: "T4", gpus: 2, nic: "10 Gb/s" } },
    nodes: [{ id: "n", machine: "lab" }],
  });
  write("job.json", {
    format: "helix-place/training-job@1",
    name: "small",
    cluster: "lab.json",
    model: { kind: "transformer", hidden: 64, sequence: 32, blocks: 4, vocabulary: 100, heads: 4 },
    globalBatch: 8,
  });
  const terminal = { readStandardInput: () => Promise.resolve("") } as unknown as Terminal;
  const error = await readJob(join(folder, "job.json"), terminal).catch(
    (thrown: unknown) => thrown,
  );
  rmSync(folder, { recursive: true });
  expect((error as InputError).problems.map(({ path }) => path)).toEqual([
    "machines.lab.intraBandwidth",
  ]);
});

test("a cluster file that is missing is named beside the job, as the job was named", async () => {
  const folder = mkdtempSync(join(tmpdir(), "train-"));
  const job = relative(process.cwd(), join(folder, "job.json"));
  writeFileSync(job, JSON.stringify({ cluster: "missing.json" }));
  const { code, err } = await runCli(["train", job]);
  rmSync(folder, { recursive: true });
  expect(code).toBe(2);
  expect(err.split("\n")[0]).toBe(join(dirname(job), "missing.json"));
});

test("a job knows the cards of the catalogue and those of its cluster file, and says whose times are estimated", async () => {
  const folder = mkdtempSync(join(tmpdir(), "train-"));
  const write = (name: string, value: object): void =>
    writeFileSync(join(folder, name), JSON.stringify(value));
  const own = { memory: "20 GB", bandwidth: "700 GB/s", tflops: 90 };
  write("lab.json", {
    gpus: { mine: own },
    machines: {
      a: { gpu: "L40S", gpus: 2, nic: "10 Gb/s" },
      b: { gpu: "mine", gpus: 2, nic: "10 Gb/s" },
    },
    nodes: [
      { id: "a", machine: "a" },
      { id: "b", machine: "b" },
    ],
  });
  const layers = { embedding: 0.001, block: 0.002, head: 0.001 };
  const job = (more: object): object => ({
    format: "helix-place/training-job@1",
    name: "small",
    cluster: "lab.json",
    machines: { a: { intraBandwidth: "30 GB/s" }, b: { intraBandwidth: "30 GB/s", ...more } },
    model: { kind: "transformer", hidden: 64, sequence: 32, blocks: 4, vocabulary: 100, heads: 4 },
    globalBatch: 8,
  });
  write("job.json", job({}));
  write("timed.json", job({ forwardSeconds: { "1": layers, "2": layers } }));
  const terminal = { readStandardInput: () => Promise.resolve("") } as unknown as Terminal;
  const { cluster } = await readJob(join(folder, "job.json"), terminal);
  const run = (name: string) => runCli(["train", join(folder, name), "--top", "1"]);
  const [estimated, timed] = [await run("job.json"), await run("timed.json")];
  rmSync(folder, { recursive: true });
  expect(cluster.machines.map(({ memoryBytes }) => memoryBytes)).toEqual([48e9, 20e9]);
  expect(estimated.out).toContain("estimated, not measured: layer times of a, b, ");
  expect(timed.out).toContain("estimated, not measured: layer times of a, from");
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJob } from "../../src/cli/train-files.js";
import type { Terminal } from "../../src/cli/terminal.js";
import type { InputError } from "../../src/core/errors.js";

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

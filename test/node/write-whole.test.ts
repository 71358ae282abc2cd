import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeWhole } from "../../src/node/write-whole.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "write-whole-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a file is replaced whole, and nothing else is left", async () => {
  const path = join(folder, "file");
  await writeWhole(path, "first", "1");
  await writeWhole(path, "second", "1");
  expect(await readFile(path, "utf8")).toBe("second");
  expect(await readdir(folder)).toEqual(["file"]);
});

test.skipIf(process.platform === "win32")("a pipe is written to and stays a pipe", async () => {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const [read] = await Promise.all([readFile(path, "utf8"), writeWhole(path, "text", "1")]);
  expect(read).toBe("text");
  expect((await stat(path)).isFIFO()).toBe(true);
});

import { execFileSync } from "node:child_process";
import {
  chmod,
  link,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requireWritable, writeWhole } from "../../src/node/write-whole.js";

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

test("symbolic links are written through, also those that lead nowhere yet", async () => {
  const inner = await mkdtemp(join(folder, "links-"));
  await symlink("target", join(inner, "link"));
  await symlink("link", join(inner, "outer"));
  for (const text of ["new", "old"]) {
    await requireWritable(join(inner, "outer"));
    await writeWhole(join(inner, "outer"), text, "1");
    expect(await readFile(join(inner, "target"), "utf8")).toBe(text);
    expect((await lstat(join(inner, "outer"))).isSymbolicLink()).toBe(true);
  }
  expect(await readdir(inner)).toEqual(["link", "outer", "target"]);
  await symlink("loop", join(inner, "loop"));
  await expect(requireWritable(join(inner, "loop"))).rejects.toThrow("ELOOP");
  await expect(writeWhole(join(inner, "loop"), "x", "1")).rejects.toThrow("ELOOP");
});

test("a file that is replaced keeps its mode", async () => {
  const path = join(folder, "mode");
  await writeFile(path, "before");
  for (const mode of [0o600, 0o640, 0o755]) {
    await chmod(path, mode);
    await writeWhole(path, "after", "1");
    expect((await stat(path)).mode & 0o7777).toBe(mode);
  }
});

test("a file with several names is refused: replacing one would part them", async () => {
  const path = join(folder, "name");
  await writeFile(path, "shared");
  await link(path, join(folder, "other-name"));
  await expect(requireWritable(path)).rejects.toThrow("hard links");
  await expect(writeWhole(path, "text", "1")).rejects.toThrow("hard links");
  expect(await readFile(join(folder, "other-name"), "utf8")).toBe("shared");
});

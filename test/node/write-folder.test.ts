import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { InputError } from "../../src/core/errors.js";
import { writeFolder } from "../../src/node/write-folder.js";

const FILES = [
  { path: "README.md", text: "a" },
  { path: "deep/er/b.sh", text: "b" },
];

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "folder-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("folders that are missing are made", async () => {
  const place = join(folder, "x", "y");
  await writeFolder(place, FILES, "1");
  expect(await readFile(join(place, "deep", "er", "b.sh"), "utf8")).toBe("b");
  await expect(writeFolder(place, FILES, "1")).rejects.toThrow(InputError);
});

test("a place below a file is refused", async () => {
  await writeFile(join(folder, "file"), "");
  await expect(writeFolder(join(folder, "file", "x"), FILES, "1")).rejects.toThrow(InputError);
});

test.runIf(process.platform === "linux")(
  "a place where no folder can be is refused, at once",
  async () => {
    await expect(writeFolder("/proc/helix-place/x", FILES, "1")).rejects.toThrow(InputError);
  },
  5000,
);

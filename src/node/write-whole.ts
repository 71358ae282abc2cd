import { open, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InputError } from "../core/errors.js";

/**
 * Writes a file whole or not at all: into a temporary file beside it, flushed, then renamed. What is there
 * already and no file (a device, a pipe) is written to, never replaced.
 * @param unique a name part no concurrent writer uses (a process id, say).
 * @throws InputError when the place cannot be written.
 */
export async function writeWhole(path: string, text: string, unique: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${unique}.tmp`);
  try {
    const there = await stat(path).catch(() => undefined);
    if (there !== undefined && !there.isFile() && !there.isDirectory()) {
      await writeFile(path, text, "utf8");
      return;
    }
    const file = await open(temporary, "w");
    try {
      await file.writeFile(text, "utf8");
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const code = (error as { code?: string }).code ?? String(error);
    throw new InputError(path, [
      {
        path: "",
        found: `a place that cannot be written (${code})`,
        expected: "a writable file in an existing folder",
        remedy: "Create the folder, change its permissions, or choose another path.",
      },
    ]);
  }
}

/**
 * Makes sure before long work that the folder of an output file is there.
 * @throws InputError when it is not, or when the path is a folder itself.
 */
export async function requireWritable(path: string): Promise<void> {
  const folder = dirname(path);
  const isFolder = async (place: string): Promise<boolean> =>
    stat(place).then(
      (found) => found.isDirectory(),
      () => false,
    );
  const [parent, self] = await Promise.all([isFolder(folder), isFolder(path)]);
  if (parent && !self) return;
  throw new InputError(path, [
    {
      path: "",
      found: self ? "a directory" : `no folder ${folder}`,
      expected: "a file name in an existing folder",
      remedy: self ? "Name a file inside it." : "Create the folder first.",
    },
  ]);
}

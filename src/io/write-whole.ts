import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InputError } from "../errors.js";

/**
 * Writes a file whole or not at all: into a temporary file beside it, flushed, then renamed.
 * @param unique a name part no concurrent writer uses (a process id, say).
 * @throws InputError when the place cannot be written.
 */
export async function writeWhole(path: string, text: string, unique: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${unique}.tmp`);
  try {
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

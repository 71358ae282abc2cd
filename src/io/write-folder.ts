import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InputError } from "../errors.js";
import { writeWhole } from "./write-whole.js";

/**
 * Writes files below a folder, each whole or not at all; makes the folders that are missing.
 * @param unique a name part no concurrent writer uses (a process id, say).
 * @throws InputError when a place cannot be written.
 */
export async function writeFolder(
  folder: string,
  files: readonly { readonly path: string; readonly text: string }[],
  unique: string,
): Promise<void> {
  for (const { path, text } of files) {
    const place = join(folder, ...path.split("/"));
    try {
      await mkdir(dirname(place), { recursive: true });
    } catch (error) {
      throw new InputError(folder, [
        {
          path: "",
          found: `a place where no folder can be made (${(error as { code?: string }).code ?? String(error)})`,
          expected: "a folder, or a path where one can be made",
          remedy: "Choose another folder, or change the permissions.",
        },
      ]);
    }
    await writeWhole(place, text, unique);
  }
}

import { mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InputError } from "../core/errors.js";
import { writeWhole } from "./write-whole.js";

/**
 * Writes files into a new or empty folder, each whole or not at all; makes the folders that are
 * missing. Files of an earlier plan never stay among those of a new one.
 * @param unique a name part no concurrent writer uses (a process id, say).
 * @throws InputError when the folder is not empty or a place cannot be written.
 */
export async function writeFolder(
  folder: string,
  files: readonly { readonly path: string; readonly text: string }[],
  unique: string,
): Promise<void> {
  await requireEmptyFolder(folder);
  for (const { path, text } of files) {
    const place = join(folder, ...path.split("/"));
    try {
      await makeFolder(dirname(place));
    } catch (error) {
      const code = (error as { code?: string }).code ?? String(error);
      throw refuse(folder, `a place where no folder can be made (${code})`);
    }
    await writeWhole(place, text, unique);
  }
}

/** With those above it. Node's own recursive mkdir tries for ever where a folder can have no folders in it, as /proc on Linux. */
async function makeFolder(path: string): Promise<void> {
  const isThere = (): Promise<boolean> =>
    stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
  if (await isThere()) return;
  const above = dirname(path);
  if (above !== path) await makeFolder(above);
  try {
    await mkdir(path);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!(await isThere())) throw error;
  }
}

/** @throws InputError when there is a folder that is not empty, or something else. */
export async function requireEmptyFolder(folder: string): Promise<void> {
  const present = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw refuse(folder, `a place that is no readable folder (${error.code ?? error.message})`);
  });
  if (present.length > 0) throw refuse(folder, "a folder with files in it");
}

function refuse(folder: string, found: string): InputError {
  const expected = "an empty folder, or a path where one can be made";
  const remedy = "Choose another folder, or remove this one first.";
  return new InputError(folder, [{ path: "", found, expected, remedy }]);
}

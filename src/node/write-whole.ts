import {
  access,
  constants,
  open,
  readlink,
  rename,
  rm,
  stat,
  writeFile,
  type FileHandle,
} from "node:fs/promises";
import type { Stats } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { InputError, type Problem } from "../core/errors.js";

/** Most symbolic links followed, as in Linux. */
const MOST_LINKS = 40;

/**
 * Writes a file whole or not at all: into a temporary file beside it, flushed, then renamed. Symbolic links are
 * followed and stay links; a file that is there keeps its mode and owner. What is there already and no file (a
 * device, a pipe) is written to, never replaced.
 * @param unique a name part no concurrent writer uses (a process id, say).
 * @throws InputError when the place cannot be written.
 */
export async function writeWhole(path: string, text: string, unique: string): Promise<void> {
  let temporary: string | undefined;
  try {
    const { place, there } = await look(path);
    const obstacle = obstacleOf(there);
    if (obstacle !== undefined) throw new InputError(path, [obstacle]);
    if (there !== undefined && !there.isFile()) return await writeFile(place, text, "utf8");
    if (there !== undefined) await access(place, constants.W_OK);
    temporary = join(dirname(place), `.helix-place.${unique}.tmp`);
    await rm(temporary, { force: true });
    await writeFlushed(await open(temporary, "wx"), text, there);
    await rename(temporary, place);
  } catch (error) {
    if (temporary !== undefined) await rm(temporary, { force: true }).catch(() => undefined);
    if (error instanceof InputError) throw error;
    const code = (error as { code?: string }).code ?? String(error);
    throw new InputError(path, [
      {
        path: "",
        found: `a place that cannot be written (${code})`,
        expected: "a writable file in an existing folder",
        remedy:
          REMEDIES[code] ?? "Create the folder, change its permissions, or choose another path.",
      },
    ]);
  }
}

const FULL = "Make room there, or choose another path.";
const REMEDIES: Readonly<Record<string, string>> = { ENOSPC: FULL, EDQUOT: FULL, EFBIG: FULL };

async function writeFlushed(
  file: FileHandle,
  text: string,
  before: Stats | undefined,
): Promise<void> {
  try {
    await file.writeFile(text, "utf8");
    if (before !== undefined) {
      const now = await file.stat();
      if (now.uid !== before.uid || now.gid !== before.gid)
        await file.chown(before.uid, before.gid);
      await file.chmod(before.mode & 0o7777);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Makes sure before long work that an output file can be written as it looks now.
 * @throws InputError when its folder is missing, or what is there cannot be replaced.
 */
export async function requireWritable(path: string): Promise<void> {
  const { place, there } = await look(path).catch((error: { code?: string }) => {
    const found = `a path that leads nowhere (${error.code ?? "unknown"})`;
    const remedy = "Choose another path.";
    throw new InputError(path, [{ path: "", found, expected: EXPECTED, remedy }]);
  });
  const folder = dirname(place);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const obstacle = isFolder
    ? (obstacleOf(there) ?? (await protectionOf(there === undefined ? folder : place)))
    : {
        path: "",
        found: `no folder ${folder}`,
        expected: EXPECTED,
        remedy: "Create the folder first.",
      };
  if (obstacle !== undefined) throw new InputError(path, [obstacle]);
}

const EXPECTED = "a file name in an existing folder";

/** Where a path leads through its symbolic links, also dangling ones, and what is there. */
async function look(path: string): Promise<{ place: string; there: Stats | undefined }> {
  const there = await stat(path).catch((error: { code?: string }) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (there !== undefined && !there.isFile()) return { place: path, there };
  let place = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    const target = await readlink(place).catch(() => undefined);
    if (target === undefined) break;
    place = resolve(dirname(place), target);
  }
  return { place, there };
}

/** What stands in the way of replacing what is there. */
function obstacleOf(there: Stats | undefined): Problem | undefined {
  if (there?.isDirectory() === true) {
    const remedy = "Name a file inside it.";
    return { path: "", found: "a directory", expected: EXPECTED, remedy };
  }
  if (there?.isFile() === true && there.nlink > 1) {
    return {
      path: "",
      found: `a file with ${there.nlink} names (hard links)`,
      expected: "a file with one name, which can be replaced whole",
      remedy: "Choose another path, or remove this name first.",
    };
  }
  return undefined;
}

async function protectionOf(place: string): Promise<Problem | undefined> {
  return access(place, constants.W_OK).then(
    () => undefined,
    () => ({
      path: "",
      found: `${place}, which may not be written to`,
      expected: "a writable file in an existing folder",
      remedy: "Change its permissions (chmod u+w), or choose another path.",
    }),
  );
}

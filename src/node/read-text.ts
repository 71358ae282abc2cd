import { readFile, realpath, stat } from "node:fs/promises";
import { InputError } from "../core/errors.js";
import { decodeText } from "./decode-text.js";

/** The name under which standard input is addressed. */
const STANDARD_INPUT = "-";

/**
 * The whole text of a file, or of standard input for `-`.
 * @param readStandardInput supplies standard input; the process belongs to the caller.
 * @throws InputError when the file cannot be read or is not UTF-8, with the reason in plain words.
 */
export async function readText(
  path: string,
  readStandardInput: () => Promise<Uint8Array>,
): Promise<string> {
  if (path === STANDARD_INPUT) return decodeText(path, await readStandardInput());
  return decodeText(path, await readBytes(path));
}

/**
 * The same where there is a file, else undefined. Only a file that is not there counts as none: one that cannot
 * be read is still somebody's.
 * @throws InputError as above.
 */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  const there = await stat(path).then(
    () => true,
    (error: { code?: string }) => error.code !== "ENOENT",
  );
  return there ? decodeText(path, await readBytes(path)) : undefined;
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    if (await isEndless(path))
      throw refuse(path, "a device", "Name a file, or - for standard input.");
    return await readFile(path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = (error as { code?: string }).code ?? "";
    const [found, remedy] = REASONS[code] ?? [
      `an unreadable file (${code === "" ? String(error) : code})`,
      "Check the path.",
    ];
    throw refuse(path, found, remedy);
  }
}

function refuse(path: string, found: string, remedy: string): InputError {
  return new InputError(path, [{ path: "", found, expected: "a readable file", remedy }]);
}

/** Whether it may never come to its end, as `/dev/zero` and `/dev/full`; a terminal does. */
async function isEndless(path: string): Promise<boolean> {
  const kind = await stat(path);
  if (kind.isBlockDevice()) return true;
  return kind.isCharacterDevice() && ENDLESS.test(await realpath(path));
}

const ENDLESS = /^\/dev\/(?:zero|full|u?random)$/;

const REASONS: Readonly<Record<string, readonly [found: string, remedy: string]>> = {
  ENOENT: ["no such file", "Check the path; it is relative to the current folder."],
  ENOTDIR: ["no such file", "Check the path; one of its parts is not a folder."],
  EISDIR: ["a directory", "Name the file inside it."],
  EACCES: ["a file without permission to read", "Change its permissions (chmod +r) or the user."],
  ELOOP: ["symbolic links that lead in a circle", "Name the file itself."],
  ERR_STRING_TOO_LONG: ["a file too large for one text", "Split the input."],
  ERR_FS_FILE_TOO_LARGE: ["a file of more than 2 GiB", "Split the input."],
  ENAMETOOLONG: ["a path that is too long", "Check the path."],
};

import { fstatSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeWhole } from "./write-whole.js";

/** O_RDWR in the flags that Linux shows of an open file, octal. */
const READ_AND_WRITE = 0o2;

/**
 * Whether standard output was closed when the program started. Node puts /dev/null, open for reading and
 * writing, in place of a closed one, so that is how it looks; a shell's `>/dev/null` is open for writing only.
 * Told on Linux, false elsewhere.
 */
export function isStandardOutputClosed(): boolean {
  try {
    if (fstatSync(1).rdev !== statSync("/dev/null").rdev) return false;
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync("/proc/self/fdinfo/1", "utf8"));
    return flags !== null && (parseInt(flags[1]!, 8) & READ_AND_WRITE) !== 0;
  } catch {
    return false;
  }
}

/** Writes a text that found no way out to a new file here, or else among the temporary files. */
export async function keepText(text: string, unique: string): Promise<string | undefined> {
  for (const folder of [process.cwd(), tmpdir()]) {
    const place = join(folder, `helix-place-result-${unique}.txt`);
    try {
      await writeWhole(place, text, unique);
      return place;
    } catch {
      continue;
    }
  }
  return undefined;
}

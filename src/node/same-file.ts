import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";

/**
 * A path by which files are told apart: through symbolic links, also of a file that is not there yet. Undefined for what
 * several may write to: a device, a pipe.
 */
export async function placeOf(path: string): Promise<string | undefined> {
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile() && !there.isDirectory()) return undefined;
  const whole = resolve(path);
  return realpath(whole).catch(async () => {
    const folder = await realpath(dirname(whole)).catch(() => dirname(whole));
    return join(folder, basename(whole));
  });
}

/** Whether a place is another, or lies in it. */
export function liesIn(place: string, other: string): boolean {
  return place === other || place.startsWith(other.endsWith(sep) ? other : `${other}${sep}`);
}

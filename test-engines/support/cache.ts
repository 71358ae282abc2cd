import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";

/** Something that had to be installed: where it lies, or why it cannot be had. */
export type Installed =
  | { readonly kind: "ready"; readonly folder: string }
  | { readonly kind: "missing"; readonly reason: string };

/** Where engines are kept between runs: `HELIX_PLACE_CACHE`, or a folder of the user's cache. */
function cacheFolder(): string {
  const cache = env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return env["HELIX_PLACE_CACHE"] ?? join(cache, "helix-place");
}

/**
 * Installs once: `install` fills an empty folder, and a file in it says when all of it is there. What goes
 * wrong becomes the reason for skipping. `name` has the version in it, so that a new one is fetched.
 */
export function installOnce(name: string, install: (folder: string) => void): Installed {
  const folder = join(cacheFolder(), name);
  const complete = join(folder, "complete");
  if (existsSync(complete)) return { kind: "ready", folder };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    install(folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return { kind: "missing", reason: lastLines(error) };
  }
  writeFileSync(complete, "");
  return { kind: "ready", folder };
}

/** The same for what stands on something else that had to be installed. */
export function installOn(
  base: Installed,
  name: string,
  install: (folder: string, base: string) => void,
): Installed {
  return base.kind === "ready" ? installOnce(name, (folder) => install(folder, base.folder)) : base;
}

function lastLines(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n").slice(-3).join(" ").slice(-300);
}

/** The title of a suite, with the reason where it is skipped; undefined: nothing was to be installed. */
export function titled(title: string, installed: Installed | undefined): string {
  return installed === undefined || installed.kind === "ready"
    ? title
    : `${title} (skipped: ${installed.reason})`;
}

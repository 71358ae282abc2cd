import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "node:process";
import { run, runNicely } from "./programs.js";

/** A Python: HELIX_PLACE_PYTHON, or python3. */
export const PYTHON = env["HELIX_PLACE_PYTHON"] ?? "python3";

/** A virtual environment with uv, which installs in a tenth of pip's time. */
export function createEnvironment(folder: string): void {
  run(PYTHON, ["-m", "venv", folder], { seconds: 300 });
  const python = join(folder, "bin", "python");
  runNicely(python, ["-m", "pip", "install", "--quiet", "uv"], { seconds: 600 });
}

/** Installs packages there. Nothing is built: one without a wheel for this Python is a reason to skip. */
export function installInto(folder: string, packages: readonly string[]): void {
  const python = join(folder, "bin", "python");
  const words = ["pip", "install", "--quiet", "--python", python, "--only-binary", ":all:"];
  runNicely(join(folder, "bin", "uv"), [...words, ...packages], { seconds: 1800 });
}

/** Packages that stand on those of another environment: its folder of packages is searched after their own. */
export function createEnvironmentOn(
  base: string,
  folder: string,
  packages: readonly string[],
): void {
  createEnvironment(folder);
  writeFileSync(join(sitePackages(folder), "base.pth"), `${sitePackages(base)}\n`);
  installInto(folder, packages);
}

/** Where an environment has its packages. */
export function sitePackages(folder: string): string {
  const versions = join(folder, "lib");
  const python = readdirSync(versions).find((name) => name.startsWith("python3"))!;
  return join(versions, python, "site-packages");
}

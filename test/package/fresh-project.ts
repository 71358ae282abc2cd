import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
}

export const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;

/** An empty project that has this package, and nothing else, installed. */
export interface FreshProject {
  readonly folder: string;
  /** Paths of the packed files. */
  readonly files: readonly string[];
  /** Runs a program there; its output, or an error with all it said. */
  execute(program: string, argv: readonly string[]): string;
  /** Compiles TypeScript files of the project, as strictly as it goes, to `out/`. */
  compile(files: readonly string[], types?: readonly string[]): void;
  remove(): void;
}

/**
 * Packs this package. The tarball's content is unpacked where npm would put it, and only its declared
 * dependencies are linked beside it: what it needs beyond them is missing there, as for whoever
 * installs it.
 */
export function createFreshProject(): FreshProject {
  const folder = mkdtempSync(join(tmpdir(), "helix-place-package-"));
  const packed = execute(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
    process.cwd(),
  );
  const [tarball] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
  const modules = join(folder, "node_modules");
  const home = join(modules, manifest.name);
  mkdirSync(home, { recursive: true });
  execute("tar", ["xzf", tarball.filename, "-C", home, "--strip-components=1"], folder);
  const link = (name: string): void => {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(resolve("node_modules", name), join(modules, name));
  };
  Object.keys(manifest.dependencies).forEach(link);
  mkdirSync(join(modules, ".bin"));
  symlinkSync(join(home, manifest.bin["helix-place"]!), join(modules, ".bin/helix-place"));
  execute("chmod", ["+x", join(home, manifest.bin["helix-place"]!)], folder);
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }`);
  return {
    folder,
    files: tarball.files.map(({ path }) => path),
    execute: (program, argv) => execute(program, argv, folder),
    compile(files, types = []) {
      if (types.includes("node")) ["@types/node", "undici-types"].forEach(link);
      const config = { compilerOptions: { ...STRICT, types }, files };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
      const compiler = resolve("node_modules/typescript/bin/tsc");
      execute(process.execPath, [compiler, "-p", "tsconfig.json"], folder);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

const STRICT = {
  target: "es2023",
  module: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  outDir: "out",
  rootDir: ".",
};

function execute(program: string, argv: readonly string[], cwd: string): string {
  const run = spawnSync(program, argv, { cwd, encoding: "utf8" });
  if (run.status !== 0) throw new Error(`${program} ${argv.join(" ")}: ${run.stdout}${run.stderr}`);
  return run.stdout;
}

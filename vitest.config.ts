import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { defineConfig, type Plugin } from "vitest/config";

/** Tests here reach the sources as `../src/NAME.js`. */
const SOURCES = join(import.meta.dirname, "src");
const BUILT = join(import.meta.dirname, "dist");
/** Built into bundles of their own: beside the other files they would bring every module a second time. */
const BUNDLES = /^(?:index|cli\/main|node\/[^/]*-worker)\.js$/;

/**
 * Modules as they are built instead of their sources: Node loads them by itself. Transformed on the way in, every call
 * from module to module goes through a getter, a tenth of a simulation's time, and each test file waits for its transforms.
 */
const builtModules: Plugin = {
  name: "built-modules",
  enforce: "pre",
  resolveId(name, importer) {
    if (importer === undefined || !/^\.\.?\/.*\.js$/.test(name)) return undefined;
    const inside = relative(SOURCES, join(dirname(importer), name));
    if (inside.startsWith("..") || BUNDLES.test(inside)) return undefined;
    const built = join(BUILT, inside);
    return existsSync(built) ? built : undefined;
  },
};

export default defineConfig(({ mode }) => ({
  // `npm test` builds and asks for this mode; without it tests see a source as soon as it is saved.
  plugins: mode === "built" ? [builtModules] : [],
  test: {
    include: ["test/**/*.test.ts"],
    // Every core: left alone, vitest keeps one back, which on two leaves half of the machine idle.
    maxWorkers: "100%",
    // Against tests that hang, not for speed: a loaded machine takes several times as long.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    server: { deps: { external: [/\/dist\//] } },
    coverage: { include: ["src/**/*.ts"], reporter: ["text-summary"] },
  },
}));

// Puts what a program loads into few files, in place: reading seven hundred small modules took half of a short command's time.
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const dist = new URL("../dist/", import.meta.url).pathname;
for (const name of readdirSync(`${dist}node`)) {
  if (/^chunk-.*\.js$/.test(name)) rmSync(`${dist}node/${name}`);
}
const workers = readdirSync(`${dist}node`).filter((name) => name.endsWith("-worker.js"));

const { metafile } = await build({
  entryPoints: ["index.js", "cli/main.js", ...workers.map((name) => `node/${name}`)].map(
    (name) => dist + name,
  ),
  outbase: dist,
  outdir: dist,
  // Shared code lies beside the workers: modules that start one look for it in their own folder.
  chunkNames: "node/chunk-[hash]",
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
  legalComments: "inline",
  metafile: true,
  logLevel: "warning",
});

for (const output of Object.keys(metafile.outputs)) {
  const inside = output.slice(output.indexOf("dist/"));
  if (readFileSync(output, "utf8").includes("import.meta.url") && !inside.startsWith("dist/node/"))
    throw new Error(`${inside} looks for files beside itself, and they are in dist/node`);
}

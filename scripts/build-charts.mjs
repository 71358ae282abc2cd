// Puts what is used of the chart library into the one module that names it, so that nobody installs it.
import { writeFileSync } from "node:fs";
import { build } from "esbuild";
import { collectLicences } from "./collect-licences.mjs";

const folder = new URL("../dist/report/chart/", import.meta.url);

const { metafile } = await build({
  entryPoints: [new URL("../src/report/chart/plot.ts", import.meta.url).pathname],
  outfile: new URL("plot.js", folder).pathname,
  bundle: true,
  format: "esm",
  platform: "neutral",
  mainFields: ["module", "main"],
  target: "es2023",
  minify: true,
  legalComments: "none",
  banner: { js: "// The licences of what is in here: plot.licences.txt" },
  metafile: true,
  logLevel: "warning",
});
writeFileSync(new URL("plot.licences.txt", folder), collectLicences(Object.keys(metafile.inputs)));

// Builds the playground into dist/page: a folder that any web server can serve as it is.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { build } from "esbuild";
import { collectLicences } from "./collect-licences.mjs";

const require = createRequire(import.meta.url);
const at = (path) => new URL(`../${path}`, import.meta.url);
const target = at("dist/page/");
mkdirSync(target, { recursive: true });

/** HiGHS names this module in a branch that only Node takes; nothing else of Node is let in. */
const emptyNodeModule = {
  name: "empty-node-module",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:module$/ }, ({ path, importer }) =>
      importer.endsWith("highs.mjs") ? { path, namespace: "empty" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "export {};" }));
  },
};

const { metafile } = await build({
  entryPoints: [
    { in: at("src/playground/main.tsx").pathname, out: "page" },
    { in: at("src/playground/page.css").pathname, out: "page" },
  ],
  outdir: target.pathname,
  bundle: true,
  format: "esm",
  platform: "browser",
  target: ["chrome110", "firefox115", "safari16.4"],
  minify: true,
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  plugins: [emptyNodeModule],
  metafile: true,
  logLevel: "warning",
});

writeFileSync(new URL("index.html", target), fillIndex());
writeFileSync(
  new URL("licences.txt", target),
  collectLicences([...Object.keys(metafile.inputs), "node_modules/highs/package.json"]),
);
await compressSolver();

/** The page with the clusters that it offers inside, so that nothing is to be fetched later. */
function fillIndex() {
  const names = ["paper-24", "paper-24-three-regions", "paper-42", "cloud-mix", "home-lab"];
  const clusters = names.map((name) =>
    JSON.parse(readFileSync(at(`clusters/${name}.json`), "utf8")),
  );
  const prices = JSON.parse(readFileSync(at("clusters/prices-example.json"), "utf8"));
  const data = JSON.stringify({ clusters, prices }).replaceAll("<", "\\u003c");
  return readFileSync(at("src/playground/index.html"), "utf8").replace("{{examples}}", () => data);
}

/** The solver as zstd: a quarter smaller than gzip makes it, whatever the server does. Takes seconds, so once. */
async function compressSolver() {
  const wasm = require.resolve("highs/runtime");
  const packed = new URL("highs.wasm.zst", target);
  if (existsSync(packed) && statSync(packed).mtimeMs > statSync(wasm).mtimeMs) return;
  const zstd = require("@bokuweb/zstd-wasm");
  await zstd.init();
  writeFileSync(packed, zstd.compress(readFileSync(wasm), 19));
}

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCluster } from "../../src/formats/load-cluster.js";
import { plan } from "../../src/serving/plan/plan.js";
import { findChromium, launchChromium } from "../support/browser.js";
import { createInlinePorts } from "../support/inline-ports.js";

const chromium = findChromium();
if (chromium === undefined && process.env["CI"] === "true") {
  throw new Error("continuous integration must plan in a browser: install chromium");
}

const SETTINGS = { iterationLimit: 1, gap: 0, seed: 7, threads: 0 };

/** HiGHS names this module in a branch that only Node takes; nothing else of Node is let in. */
const emptyNodeModule: Plugin = {
  name: "empty-node-module",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:module$/ }, ({ path, importer }) =>
      importer.endsWith("highs.mjs") ? { path, namespace: "empty" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "export {};" }));
  },
};

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "helix-place/browser";', resolveDir: process.cwd() },
    bundle: true,
    format: "esm",
    platform: "browser",
    minify: true,
    write: false,
    plugins: [emptyNodeModule],
    logLevel: "silent",
  });
  return outputFiles[0]!.text;
}

const timeless = (text: string): string => text.replaceAll(/"seconds":[^,}]*/g, '"seconds":0');

describe.skipIf(chromium === undefined)("the bundle in a real browser", () => {
  let browser: Browser;
  let server: Server;
  let address: string;

  beforeAll(async () => {
    const wasm = createRequire(import.meta.url).resolve("highs/runtime");
    const served: Readonly<Record<string, readonly [type: string, body: string | Buffer]>> = {
      "/sub/": ["text/html", "<!doctype html><title>plan</title>"],
      "/sub/helix-place.js": ["text/javascript", await bundle()],
      "/sub/highs.wasm": ["application/wasm", readFileSync(wasm)],
    };
    server = createServer(({ url = "" }, response) => {
      const [type, body] = served[url] ?? ["text/plain", ""];
      response.writeHead(url in served ? 200 : 404, { "content-type": type }).end(body);
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sub/`;
    browser = await launchChromium(chromium!);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test("plans the same bytes as Node, without shared memory", { timeout: 300_000 }, async () => {
    const text = readFileSync(join("clusters", "paper-24.json"), "utf8");
    const { cluster, sha256 } = loadCluster("paper-24", text);
    const options = { ...SETTINGS, clusterSha256: sha256 };
    const here = await plan(cluster, options, createInlinePorts());
    const page = await browser.newPage();
    await page.goto(address);
    const there = await page.evaluate<Answer>(program(text));
    expect(here.kind).toBe("planned");
    expect(there.shared).toBe("undefined");
    expect(there.failures).toEqual([]);
    expect(timeless(there.outcome)).toBe(timeless(JSON.stringify(here)));
    expect(there.map).toContain("<svg");
    await page.close();
  });
});

interface Answer {
  readonly outcome: string;
  readonly failures: readonly unknown[];
  readonly map: string;
  readonly shared: string;
}

/** What runs in the page; as text, since no bundler and no types of this file reach it. */
const program = (text: string): string =>
  `(async ({ text, settings }) => {
    const helix = await import("./helix-place.js");
    const ports = helix.createBrowserPorts({ solverWasm: "highs.wasm" });
    const { cluster, sha256 } = helix.loadCluster("paper-24", text);
    const outcome = await helix.plan(cluster, { ...settings, clusterSha256: sha256 }, ports);
    return {
      outcome: JSON.stringify(outcome),
      failures: helix.checkPlacement(cluster, outcome.file),
      map: helix.drawPlacementMap(cluster, outcome.file),
      shared: typeof SharedArrayBuffer,
    };
  })(${JSON.stringify({ text, settings: SETTINGS })})`;

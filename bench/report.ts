import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createNodePorts } from "../src/node/node-ports.js";
import { plan } from "../src/serving/plan/plan.js";
import { renderPlanReport } from "../src/report/plan-report.js";
import type { ClusterFile } from "../src/formats/cluster-schema.js";
import { resolveCluster } from "../src/formats/resolve-cluster.js";
import { findChromium, launchChromium } from "../test/support/browser.js";
import { growthCluster } from "./growth-cluster.js";

// How large the report of a large plan is, and how long Chromium takes to open and draw it.
// node build/bench/report.js [nodes] [seconds of planning]

const [, , nodesText = "1000", secondsText = "10"] = process.argv;
const input = growthCluster(Number(nodesText), 4, 1) as ClusterFile;
const cluster = resolveCluster("growth", input);
const options = { timeLimitSeconds: Number(secondsText), gap: 0, threads: 2 };
const outcome = await plan(cluster, options, createNodePorts());
if (outcome.kind !== "planned") throw new Error(outcome.kind);
const text = renderPlanReport(cluster, outcome.file, {
  input: JSON.stringify(input, null, 2),
  command: "helix-place growth.json --report plan.html",
});
const folder = mkdtempSync(join(tmpdir(), "helix-place-report-"));
const path = join(folder, "plan.html");
writeFileSync(path, text);
console.log(`${cluster.nodes.length} nodes: ${(Buffer.byteLength(text) / 1e6).toFixed(2)} MB`);
const chromium = findChromium();
if (chromium === undefined) console.log("no chromium to open it with");
else {
  const browser = await launchChromium(chromium);
  const page = await browser.newPage();
  for (const turn of ["first", "second"]) {
    const since = performance.now();
    await page.goto(pathToFileURL(path).href);
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
    const seconds = (performance.now() - since) / 1000;
    console.log(`${turn} opening: ${seconds.toFixed(2)} s until drawn`);
  }
  await browser.close();
}
rmSync(folder, { recursive: true });

// How long the playground takes to a first plan, how large it is, and what edits do to its memory.
// node build/bench/playground.js [--minutes 10]
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright-core";
import { servePage } from "../src/node/serve-page.js";

const RUNS = 5;
const { values } = parseArgs({ options: { minutes: { type: "string", default: "0" } } });

const folder = "dist/page";
const files = readdirSync(folder)
  .filter((name) => name !== "licences.txt")
  .map((name) => readFileSync(join(folder, name)));
const sum = (size: (bytes: Buffer) => number): string =>
  (files.reduce((total, bytes) => total + size(bytes), 0) / 1e6).toFixed(3);
console.log(`size: ${sum((bytes) => gzipSync(bytes, { level: 9 }).length)} MB with gzip, `);
console.log(`      ${sum((bytes) => brotliCompressSync(bytes).length)} MB with brotli`);

const page = await servePage(new URL("../../dist/page/", import.meta.url), undefined, 0);
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--enable-precise-memory-info", "--js-flags=--expose-gc"],
});
const seconds: number[] = [];
for (let run = 0; run < RUNS; run++) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  const started = performance.now();
  await tab.goto(page.address);
  await tab
    .locator(".status", { hasText: "proven best within its gap" })
    .waitFor({ timeout: 120_000 });
  seconds.push((performance.now() - started) / 1000);
  await context.close();
}
const median = seconds.toSorted((a, b) => a - b)[(RUNS - 1) / 2]!;
console.log(`paper-24 planned ${median.toFixed(2)} s after loading began (median of ${RUNS})`);

const minutes = Number(values.minutes);
if (minutes > 0) await watchMemory(await browser.newPage(), minutes);
await browser.close();
await page.close();

/** Edits without end, and the page's memory once a minute: it should go up and down, not up. */
async function watchMemory(tab: Page, length: number): Promise<void> {
  await tab.goto(page.address);
  await tab.locator(".figures").waitFor({ timeout: 120_000 });
  const end = performance.now() + length * 60_000;
  let next = 0;
  for (let edit = 0; performance.now() < end; edit++) {
    const name = edit % 2 === 0 ? "One t4 more" : "One t4 less";
    await tab.getByRole("button", { name }).click();
    await tab.waitForTimeout(400);
    if (performance.now() < next) continue;
    next = performance.now() + 60_000;
    const bytes = await tab.evaluate<number>("(gc(), performance.memory.usedJSHeapSize)");
    console.log(`after ${edit} edits: ${(bytes / 1e6).toFixed(1)} MB`);
  }
}

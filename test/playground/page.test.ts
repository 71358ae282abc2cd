import { readFileSync } from "node:fs";
import axe from "axe-core";
import { unzipSync } from "fflate";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCluster } from "../../src/formats/load-cluster.js";
import { readLink } from "../../src/playground/share.js";
import { plan } from "../../src/serving/plan/plan.js";
import { createInlinePorts } from "../support/inline-ports.js";
import { findChromium, launchChromium } from "../support/browser.js";
import { serveStatic, type StaticSite } from "../support/static-site.js";

const chromium = findChromium();
if (chromium === undefined && process.env["CI"] === "true") {
  throw new Error("continuous integration must open the playground: install chromium");
}

describe.skipIf(chromium === undefined)("the playground in a real browser", () => {
  let browser: Browser;
  let site: StaticSite;
  beforeAll(async () => {
    site = await serveStatic("dist/page");
    browser = await launchChromium(chromium!);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  /** The page with a first plan, and what it has complained of or asked the network for since. */
  async function open(options: object = {}): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(site.address);
    await page.locator(".figures").waitFor({ timeout: 60_000 });
    page.on("request", (request) => {
      if (!/^(blob|data):/.test(request.url())) complaints.push(`request to ${request.url()}`);
    });
    return { page, complaints };
  }

  test("plans the paper's 24 nodes below a path, without special headers or complaints", async () => {
    const { page, complaints } = await open();
    await page.locator(".status", { hasText: "proven best within its gap" }).waitFor();
    expect(await page.locator(".status").innerText()).toContain("2045.6");
    expect(await page.getByText("compute of 1 a100").count()).toBe(1);
    expect(await page.locator("svg[role=img]:visible").count()).toBe(3);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("an edit is planned, compared with today, shared by link and taken back", async () => {
    const { page, complaints } = await open();
    await page.locator(".status", { hasText: "proven best within its gap" }).waitFor();
    await page.getByRole("button", { name: "One a100 more" }).press("Enter");
    const change = page.locator(".figures .change").first();
    await change.waitFor();
    expect(await change.innerText()).toMatch(/^\+/);
    const link = page.url();
    const other = await browser.newPage();
    await other.goto("about:blank");
    await other.goto(link);
    await other.locator(".figures .change").first().waitFor({ timeout: 60_000 });
    expect(await other.getByLabel("Number of a100").inputValue()).toBe("5");
    await other.close();
    await page.locator("h1").click();
    await page.keyboard.press("Control+z");
    await expect.poll(() => page.getByLabel("Number of a100").inputValue()).toBe("4");
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("its plan is Node's, byte for byte, for a seed and an iteration limit", async () => {
    const { page } = await open();
    await page.getByText("How to search").click();
    await page.getByLabel("Seed").fill("7");
    await page.getByLabel("Steps instead of seconds").fill("1");
    await page.getByLabel("Steps instead of seconds").press("Tab");
    await expect
      .poll(() => readLink(new URL(page.url()).hash))
      .toMatchObject({ shared: { question: { effort: { seed: 7, steps: 1 } } } });
    await page.locator('.results[aria-busy="false"] div:not(.stale) > .figures').waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "placement.json" }).click();
    const there = readFileSync(await (await download).path(), "utf8");
    const { cluster, sha256 } = loadCluster("x", readFileSync("clusters/paper-24.json", "utf8"));
    const options = { iterationLimit: 1, seed: 7, threads: 0, clusterSha256: sha256 };
    const here = await plan(cluster, options, createInlinePorts());
    if (here.kind !== "planned") throw new Error(here.kind);
    expect(timeless(there)).toBe(timeless(`${JSON.stringify(here.file, null, 2)}\n`));
    await page.context().close();
  });

  test("a pasted fleet is planned without the network; a bad file says in place what is wrong", async () => {
    const { page, complaints } = await open();
    await page.context().setOffline(true);
    const paste = page.getByLabel("Paste a fleet");
    await paste.fill("NAME STATUS ROLES");
    await paste.press("Tab");
    await page.getByRole("alert").getByText("kubectl get nodes -o json").waitFor();
    await paste.fill(
      "name, memory.total [MiB]\nNVIDIA A100-SXM4-80GB, 81920 MiB\n".concat(
        "NVIDIA A100-SXM4-80GB, 81920 MiB\n".repeat(3),
      ),
    );
    await paste.press("Tab");
    await page.getByText("4 × A100-80GB", { exact: false }).first().waitFor();
    await page
      .locator('.results[aria-busy="false"] div:not(.stale) > .figures')
      .waitFor({ timeout: 60_000 });
    expect(await page.getByRole("alert").count()).toBe(0);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Zip" }).click();
    const zip = unzipSync(new Uint8Array(readFileSync(await (await download).path())));
    expect(Object.keys(zip)).toContain("README.md");
    const report = page.waitForEvent("download");
    await page.getByRole("button", { name: "Report" }).click();
    expect(readFileSync(await (await report).path(), "utf8")).toContain("<h1>");
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("edits leave no memory behind", async () => {
    const { page } = await open();
    const session = await page.context().newCDPSession(page);
    const used = async (): Promise<number> => {
      await session.send("HeapProfiler.collectGarbage");
      return (await session.send("Runtime.getHeapUsage")).usedSize;
    };
    const edit = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time++) {
        const name = time % 2 === 0 ? "One t4 more" : "One t4 less";
        await page.getByRole("button", { name }).click();
        await page.waitForTimeout(20);
      }
      await page.locator('.results[aria-busy="false"] div:not(.stale) > .figures').waitFor();
    };
    await edit(10);
    const before = await used();
    await edit(24);
    expect(await used()).toBeLessThan(before * 1.15 + 1e6);
    await page.context().close();
  });

  test("what to buy is found, planned with and shared", async () => {
    const { page, complaints } = await open();
    await page.locator("header select").selectOption("cloud-mix");
    await page.getByText("How to search").click();
    await page.getByLabel("Seconds", { exact: true }).fill("10");
    await page.getByLabel("Seconds", { exact: true }).press("Tab");
    await page.getByLabel("To spend").fill("20");
    await page.getByLabel("To spend").press("Tab");
    await page.getByRole("button", { name: "Find out" }).click();
    await page.getByText("Best mix for 20.00 $/h").waitFor({ timeout: 90_000 });
    const words = await page.getByRole("region", { name: "What to buy" }).innerText();
    const bought = Number(/(\d+) × /.exec(words)?.[1]);
    expect(bought, words).toBeGreaterThan(0);
    const machines = (): number => {
      const opened = readLink(new URL(page.url()).hash);
      if (opened.kind !== "opened") throw new Error(opened.kind);
      return opened.shared.question.file.nodes.reduce((sum, { count = 1 }) => sum + count, 0);
    };
    const before = machines();
    await page.getByRole("button", { name: "Plan with these machines" }).click();
    await expect.poll(machines, { timeout: 20_000 }).toBeGreaterThanOrEqual(before + bought);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("everything that can be used is reached by Tab, in the order of the page, and seen to be", async () => {
    const { page } = await open();
    await page.locator(".status", { hasText: "proven best within its gap" }).waitFor();
    for (const summary of await page.locator("summary").all()) await summary.press("Enter");
    const all = await page.evaluate<number>(
      `[...document.querySelectorAll("button:not([disabled]), input:not([type=file]), select, textarea, summary, [tabindex='0']")]
        .filter((one) => one.checkVisibility()).map((one, index) => (one.dataset.stop = String(index))).length`,
    );
    await page.evaluate("document.activeElement.blur(); scrollTo(0, 0); getSelection().empty()");
    await page.locator("h1").click();
    const stops: number[] = [];
    for (let press = 0; press < all + 5 && stops.length < all; press++) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate<string | undefined>(
        `(({ dataset }) => dataset.stop)(document.activeElement)`,
      );
      if (stop === undefined) continue;
      stops.push(Number(stop));
      const ring = await page.evaluate<string>(
        "getComputedStyle(document.activeElement).outlineStyle",
      );
      expect(ring).not.toBe("none");
    }
    expect(stops).toEqual(Array.from({ length: all }, (_, index) => index));
    await page.context().close();
  });

  test("a damaged link says so and shows an example", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.address}#abroken`);
    await page.getByRole("alert").getByText("This link cannot be opened").waitFor();
    await page.close();
  });

  test.each(["light", "dark"])("no serious fault by axe-core, %s", async (colorScheme) => {
    const { page } = await open({ colorScheme, viewport: { width: 390, height: 844 } });
    // The page's own rules let no foreign script in; what is evaluated here is not the page's.
    await page.evaluate(axe.source);
    const faults = await page.evaluate<readonly string[]>(
      `axe.run().then(({ violations }) => violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" ")))`,
    );
    expect(faults).toEqual([]);
    for (const width of [390, 768, 1280, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      const overflow = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      expect(overflow).toBeLessThanOrEqual(0);
    }
    await page.context().close();
  });
});

/** Without what the clock says. */
const timeless = (text: string): string => text.replaceAll(/"seconds": [^,}\n]*/g, '"seconds": 0');

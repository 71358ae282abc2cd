import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
    await page.getByText("proven best within its gap").waitFor();
    expect(await page.getByRole("status").innerText()).toContain("2045.6");
    expect(await page.getByText("compute of 1 a100").count()).toBe(1);
    expect(await page.locator("svg[role=img]").count()).toBe(3);
    expect(complaints).toEqual([]);
    await page.context().close();
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
    const overflow = await page.evaluate(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    expect(overflow).toBeLessThanOrEqual(0);
    await page.context().close();
  });
});

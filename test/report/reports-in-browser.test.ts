import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describePlacement } from "../../src/planner/result/placement-file.js";
import type { Cluster } from "../../src/core/cluster.js";
import type { LayerInterval } from "../../src/core/placement.js";
import { formatRate } from "../../src/report/format-number.js";
import { renderPlanReport } from "../../src/report/plan-report.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { UNCONSTRAINED } from "../../src/planner/problem/problem.js";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import { findChromium, launchChromium } from "../support/browser.js";
import { runBuilt } from "../support/built-cli.js";

const chromium = findChromium();
if (chromium === undefined && process.env["CI"] === "true") {
  throw new Error("continuous integration must look at the reports: install chromium");
}
const where = chromium === undefined ? " (skipped: no chromium)" : "";

describe.skipIf(chromium === undefined)(`reports in a real browser${where}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "helix-place-report-"));
  const at = (name: string): string => join(folder, name);
  const cluster = "clusters/paper-24.json";
  let browser: Browser;

  beforeAll(async () => {
    const plan = ["-o", at("p.json"), "--report", at("plan.html"), "--quiet"];
    expect((await runBuilt([cluster, ...plan])).code).toBe(0);
    writeFileSync(at("home.json"), readFileSync("clusters/home-lab.json"));
    await runBuilt([at("home.json"), "-o", at("h.json"), "--iteration-limit", "5", "--quiet"]);
    const load = ["--warmup", "20", "--duration", "60", "--rate", "500"];
    const simulate = ["simulate", at("home.json"), at("h.json"), ...load];
    const one = await runBuilt([...simulate, "--report", at("simulate.html")]);
    expect(one.err).not.toContain("bug");
    expect(one.code).toBe(0);
    const compare = ["compare", at("home.json"), "--placement", at("h.json"), ...load];
    const many = ["--strategy", "swarm", "homogeneous", "--quiet"];
    expect((await runBuilt([...compare, ...many, "--report", at("compare.html")])).code).toBe(0);
    const whatIf = ["what-if", "solver-fixtures/shared-head/cluster.json", "--quiet"];
    const change = `more: add 1x${firstMachine("solver-fixtures/shared-head/cluster.json")}`;
    const tried = await runBuilt([...whatIf, "--scenario", change, "--report", at("what-if.html")]);
    expect(tried.err).toBe("");
    const front = ["pareto", "clusters/one-machine.json", "--iteration-limit", "5", "--quiet"];
    expect((await runBuilt([...front, "--report", at("pareto.html")])).code).toBe(0);
    writeFileSync(at("prices.json"), JSON.stringify(PRICES));
    const budget = ["--prices", at("prices.json"), "--budget", "20", "--quiet"];
    const buy = ["what-if", "clusters/one-machine.json", ...budget, "--iteration-limit", "5"];
    expect((await runBuilt([...buy, "--report", at("purchase.html")])).code).toBe(0);
    browser = await launchChromium(chromium!);
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  /** Opens a report and fails on anything it complains of or asks the network for. */
  async function open(name: string, page: Page): Promise<void> {
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(`request to ${request.url()}`);
    });
    await page.goto(pathToFileURL(at(name)).href);
    expect(complaints).toEqual([]);
  }

  test.each([
    "plan.html",
    "simulate.html",
    "compare.html",
    "what-if.html",
    "pareto.html",
    "purchase.html",
  ])(
    "%s opens without a complaint, names every picture, fits a phone and wider screens",
    async (name) => {
      for (const colorScheme of ["light", "dark"] as const) {
        const context = await browser.newContext({
          colorScheme,
          viewport: { width: 390, height: 844 },
        });
        const page = await context.newPage();
        await open(name, page);
        const pictures = page.locator("svg[role=img]:visible");
        expect(await pictures.count()).toBeGreaterThan(0);
        for (const picture of await pictures.all()) {
          expect((await picture.getAttribute("aria-label"))?.length).toBeGreaterThan(10);
        }
        expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
        for (const width of [390, 768, 1280, 1920]) {
          await page.setViewportSize({ width, height: 900 });
          // Wide things scroll by themselves, the page does not.
          const overflow = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth",
          );
          expect(overflow).toBeLessThanOrEqual(0);
          expect(await page.evaluate(CUT)).toEqual([]);
        }
        await page.setViewportSize({ width: 390, height: 844 });
        await page.evaluate(axe.source);
        expect(await page.evaluate(FAULTS)).toEqual([]);
        const ink = await page.evaluate("getComputedStyle(document.body).color");
        const ground = await page.evaluate("getComputedStyle(document.body).backgroundColor");
        expect(contrast(String(ink), String(ground))).toBeGreaterThan(7);
        await context.close();
      }
    },
  );

  test("the plan's pictures and tables show the plan's numbers", async () => {
    const file = JSON.parse(readFileSync(at("p.json"), "utf8")) as PlacementFile;
    const page = await browser.newPage();
    await open("plan.html", page);
    const data = JSON.parse((await page.locator("#data").textContent())!) as PlacementFile;
    expect(data).toEqual(file);

    const map = page.locator(".broad svg[aria-label^='llama']");
    const titles = await map.locator("g:nth-of-type(4) > rect > title").allTextContents();
    expect(titles).toHaveLength(file.nodes.filter((node) => node.layers !== null).length);
    for (const node of file.nodes) {
      const title = titles.find((text) => text.startsWith(`${node.id}:`));
      const [start, end] = node.layers!;
      expect(title).toContain(`layers ${start} to ${end - 1}`);
      expect(title).toContain(node.flow.toFixed(1));
    }
    const tight = await page.locator(".broad rect[stroke='var(--alarm)']").count();
    expect(tight).toBe(file.bottleneck.length);

    await page.getByText(`All ${file.nodes.length} nodes`).click();
    const table = page.getByRole("region", { name: "Nodes" }).getByRole("table");
    expect(await table.getByRole("row").count()).toBe(file.nodes.length + 1);
    const capacity = table.getByRole("button", { name: "capacity, tokens/s" });
    await capacity.focus();
    await page.keyboard.press("Enter");
    const column = async (): Promise<readonly number[]> => {
      const cells = await table.locator("tbody td:nth-child(4)").all();
      return Promise.all(cells.map(async (cell) => Number(await cell.getAttribute("data-v"))));
    };
    const rising = await column();
    expect(rising).toEqual(rising.toSorted((a, b) => a - b));
    await page.keyboard.press("Enter");
    expect(await column()).toEqual(rising.toReversed());
    await page.close();
  });

  test("columns are chosen by keyboard, and the choice is what is printed", async () => {
    const page = await browser.newPage();
    await open("compare.html", page);
    const table = page.getByRole("table").first();
    const titles = (): Promise<readonly string[]> =>
      table.locator("th:visible").allInnerTexts() as Promise<readonly string[]>;
    expect(await titles()).not.toContain("TTFT p99");
    const choice = page.locator(".choice").first();
    const before = (await titles()).length;
    await choice.locator("summary").press("Enter");
    await choice.getByLabel("TTFT p99").press("Space");
    await choice.getByLabel("flow").press("Space");
    expect(await titles()).toContain("TTFT p99");
    expect(await titles()).not.toContain("flow");
    expect(await choice.locator("summary").innerText()).toContain(`${before} of 17`);
    await page.emulateMedia({ media: "print" });
    expect(await titles()).toContain("TTFT p99");
    expect(await choice.isVisible()).toBe(false);
    await page.close();
  });

  test("the convergence chart has every step of the search", async () => {
    const file = JSON.parse(readFileSync(at("p.json"), "utf8")) as PlacementFile;
    const page = await browser.newPage();
    await open("plan.html", page);
    const chart = page.locator(".broad svg[aria-label^='Best placement and proven bound']");
    const titles = await chart.locator("circle > title").allTextContents();
    for (const { throughput, strategy } of file.solve.strategies) {
      if (throughput === undefined) continue;
      const shown = titles.some((title) =>
        title.startsWith(`${strategy}: ${formatRate(throughput)}`),
      );
      expect(shown).toBe(true);
    }
    await page.close();
  });

  test("the latency chart has the simulation's percentiles", async () => {
    const page = await browser.newPage();
    await open("simulate.html", page);
    const data = JSON.parse((await page.locator("#data").textContent())!) as {
      readonly result: Record<"timeToFirstToken" | "timePerOutputToken", Record<string, number>>;
    };
    const { timeToFirstToken, timePerOutputToken } = data.result;
    const shown = [
      ["Time to the first token", timeToFirstToken],
      ["Time per output token", timePerOutputToken],
    ] as const;
    for (const [name, percentiles] of shown) {
      const dots = page.locator(`.broad svg[aria-label='${name} by percentile'] circle`);
      const height = async (dot: number): Promise<number> =>
        Number(await dots.nth(dot).getAttribute("cy"));
      const [low, high] = [await height(0), await height(5)];
      const perSecond = (high - low) / (percentiles["p99"]! - percentiles["p5"]!);
      const middle = low + perSecond * (percentiles["p75"]! - percentiles["p5"]!);
      expect(await height(3)).toBeCloseTo(middle, 1);
    }
    await page.close();
  });

  test("the purchase's bars and table are what is bought", async () => {
    const page = await browser.newPage();
    await open("purchase.html", page);
    const { mix } = JSON.parse((await page.locator("#data").textContent())!) as {
      readonly mix: readonly { readonly count: number; readonly pricePerHour: number }[];
    };
    expect(mix.length).toBeGreaterThan(0);
    const costs = mix.map(({ count, pricePerHour }) => count * pricePerHour);
    const cells = page.getByRole("region", { name: "Mix" }).locator("tbody td:nth-child(5)");
    const shown = await Promise.all((await cells.all()).map((cell) => cell.getAttribute("data-v")));
    expect(shown.map(Number)).toEqual(costs);
    const bars = await page.locator(".broad svg[aria-label='Cost by machine type'] rect").all();
    const widths = await Promise.all(
      bars.map(async (bar) => Number(await bar.getAttribute("width"))),
    );
    widths.forEach((width, index) => {
      expect(width / widths[0]!).toBeCloseTo(costs[index]! / costs[0]!, 2);
    });
    await page.close();
  });

  test("a plan of 1,000 nodes stays under 5 MB and shows every node", async () => {
    const { cluster: large, file } = largePlan(1000);
    const text = renderPlanReport(large, file, { input: "{}", command: "helix-place large.json" });
    expect(Buffer.byteLength(text)).toBeLessThan(5e6);
    writeFileSync(at("large.html"), text);
    const page = await browser.newPage();
    await open("large.html", page);
    const map = page.locator(".broad svg[aria-label^='m on large']");
    const titles = await map.locator("g:nth-of-type(4) > rect > title").allTextContents();
    const held = titles.map((title) => Number(/^(\d+) × /.exec(title)?.[1] ?? 1));
    expect(held.reduce((sum, count) => sum + count, 0)).toBe(1000);
    await page.getByText("All 1000 nodes").click();
    const table = page.getByRole("region", { name: "Nodes" }).getByRole("table");
    expect(await table.locator("tbody tr").count()).toBe(1000);
    const flows = await page.evaluate(
      "[...document.querySelectorAll('[aria-label=Nodes] tbody td:nth-child(5)')].map((cell) => Number(cell.dataset.v))",
    );
    expect(flows).toEqual(file.nodes.map(({ flow }) => flow));
    await page.close();
  });

  test("the comparison's bars are as long as its figures", async () => {
    const page = await browser.newPage();
    await open("compare.html", page);
    const data = JSON.parse((await page.locator("#data").textContent())!) as {
      readonly runs: readonly { readonly result: { readonly decodeTokensPerSecond: number } }[];
    };
    const chart = page.locator(".broad svg[aria-label='Decode throughput'] rect");
    const widths = await Promise.all(
      (await chart.all()).map(async (bar) => Number(await bar.getAttribute("width"))),
    );
    const values = data.runs.map((run) => run.result.decodeTokensPerSecond);
    expect(widths).toHaveLength(values.length);
    widths.forEach((width, index) => {
      expect(width / widths[0]!).toBeCloseTo(values[index]! / values[0]!, 2);
    });
    await page.close();
  });
});

/** What axe-core calls serious or worse. */
const FAULTS = `axe.run().then(({ violations }) => violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" ")))`;

/** Texts of shown pictures that reach out of them, or into another one's bar or name. */
const CUT = `[...document.querySelectorAll("svg[role=img]")].filter((svg) => svg.checkVisibility()).flatMap((svg) => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter((text) => {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    return left < frame.left - 1 || right > frame.right + 1 || top < frame.top - 1 || bottom > frame.bottom + 1;
  }).map((text) => svg.getAttribute("aria-label") + ": " + text.textContent);
})`;

const PRICES = {
  format: "helix-place/prices@1",
  name: "list",
  date: "2025-06-01",
  machines: {
    "A100-80GB": { pricePerHour: 2, availability: [{ region: "here", count: 3 }] },
    L40S: { pricePerHour: 1.1, availability: [{ region: "here", count: 4 }] },
  },
};

/** Nodes of two types in ten stages that every other node of a stage is joined to. */
function largePlan(nodes: number): { readonly cluster: Cluster; readonly file: PlacementFile } {
  const profile = (rate: number) => ({
    profile: { tokensPerSecond: Array.from({ length: 8 }, (_, k) => rate / (k + 1)) },
  });
  const cluster = resolveCluster("large", {
    format: "helix-place/cluster@1",
    name: "large",
    model: {
      name: "m",
      layers: 80,
      layerBytes: 1,
      activationBytes: 1000,
      tokenBytes: 2,
      kvBytesPerToken: 1,
    },
    machines: { fast: profile(900), slow: profile(400) },
    nodes: [
      { id: "fast", machine: "fast", count: nodes / 2 },
      { id: "slow", machine: "slow", count: nodes / 2 },
    ],
    network: { withinRegion: { bandwidth: "10 Gb/s" } },
  });
  const placement = cluster.nodes.map((_, node): LayerInterval => {
    const start = 8 * (node % 10);
    return [start, start + 8];
  });
  const file = describePlacement(cluster, placement, {
    clusterSha256: "",
    objective: "flow",
    problem: { cluster, partialInference: true, constraints: UNCONSTRAINED },
    upperBound: ((nodes / 20) * (900 + 400)) / 8,
    boundName: "compute of a stage",
    gapAsked: 0,
    termination: "exhausted",
    solve: { seconds: 0, seed: 1, strategies: [], versions: {} },
  });
  return { cluster, file };
}

/** Name of the first machine type of a cluster file. */
function firstMachine(path: string): string {
  const file = JSON.parse(readFileSync(path, "utf8")) as { machines: Record<string, unknown> };
  return Object.keys(file.machines)[0]!;
}

/** WCAG contrast of two `rgb(r, g, b)` colours. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [r, g, blue] = colour.match(/\d+/g)!.map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * blue!;
  };
  const [low, high] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

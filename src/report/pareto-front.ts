import type { SimulationReport } from "../serving/simulate/simulate-placement.js";
import { CHART } from "./chart/frame.js";
import { drawLineChart } from "./chart/line-chart.js";
import { formatRate } from "./format-number.js";
import { formatTable } from "./table.js";

/** One placement of a front. Rates in tokens/s, latencies in seconds. */
export interface FrontPoint {
  readonly decodeTokensPerSecond: number;
  readonly timeToFirstToken: { readonly mean: number; readonly p95: number };
  readonly timePerOutputToken: { readonly mean: number; readonly p95: number };
  readonly flow: number;
  readonly concurrency: number;
  readonly meanStages: number;
}

/** What a front shows of a simulated placement. */
export function frontPointOf({
  report: { flow, result },
}: {
  readonly report: SimulationReport;
}): FrontPoint {
  const { decodeTokensPerSecond, timeToFirstToken, timePerOutputToken } = result;
  return {
    decodeTokensPerSecond,
    timeToFirstToken,
    timePerOutputToken,
    flow,
    concurrency: result.meanInFlight,
    meanStages: result.meanStages,
  };
}

/** The front as text, one line per placement. */
export function tabulateFront(points: readonly FrontPoint[]): string {
  const titles = ["decode/s", "TTFT mean", "p95", "TPOT mean", "p95", "requests", "stages", "flow"];
  return formatTable(
    [{ title: "" }, ...titles.map((title) => ({ title, align: "right" as const }))],
    points.map((point, at) => [
      String(at + 1),
      point.decodeTokensPerSecond.toFixed(1),
      point.timeToFirstToken.mean.toFixed(2),
      point.timeToFirstToken.p95.toFixed(2),
      point.timePerOutputToken.mean.toFixed(3),
      point.timePerOutputToken.p95.toFixed(3),
      point.concurrency.toFixed(0),
      point.meanStages.toFixed(1),
      formatRate(point.flow),
    ]),
  );
}

const STYLE =
  "text{font:11px system-ui,sans-serif;fill:#1d2126}.grid line{stroke:#d9dde3}.s0 circle{fill:#0072b2}.s1 circle{fill:#c77700}";

/** Mean latencies over throughput, in the colours of the page it stands in. */
export function drawFrontChart(name: string, points: readonly FrontPoint[]): string {
  const ascending = points.toSorted((a, b) => a.decodeTokensPerSecond - b.decodeTokensPerSecond);
  const series = (title: string, latency: (point: FrontPoint) => number) => ({
    name: title,
    kind: "points" as const,
    points: ascending.map((point) => ({
      x: point.decodeTokensPerSecond,
      y: latency(point),
      label: `${title} ${latency(point).toFixed(2)} s at ${point.decodeTokensPerSecond.toFixed(1)} tokens/s, ${point.meanStages.toFixed(1)} stages`,
    })),
  });
  return drawLineChart(
    `Throughput and latency on ${name}`,
    [
      series("TTFT", (point) => point.timeToFirstToken.mean),
      series("TPOT", (point) => point.timePerOutputToken.mean),
    ],
    { x: { label: "decode tokens/s" }, y: { label: "mean latency, s" } },
  );
}

/** The same as an SVG file of its own. */
export function drawFront(name: string, points: readonly FrontPoint[]): string {
  return drawFrontChart(name, points)
    .replace(
      "<svg ",
      `<svg xmlns="http://www.w3.org/2000/svg" width="${CHART.width}" height="${CHART.height}" `,
    )
    .replace('<g class="grid">', `<style>${STYLE}</style><g class="grid">`);
}

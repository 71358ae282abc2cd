import type { ScenarioResult } from "../whatif/scenario-result.js";
import { drawBarChart } from "./chart/bar-chart.js";
import { drawLineChart } from "./chart/line-chart.js";
import { formatPercent, formatRate } from "./format-number.js";
import { renderTable, type HtmlCell } from "./html/html-table.js";
import { renderPage, scrollable, type ReportSection } from "./html/page.js";
import { originSection, type ReportOrigin } from "./plan-report.js";
import { describeBottleneck, formatDollars } from "./what-if-table.js";

/** Scenarios, the first of them today's cluster, as one self-contained HTML page. */
export function renderWhatIfReport(
  clusterName: string,
  results: readonly ScenarioResult[],
  origin: ReportOrigin,
): string {
  const planned = results.filter((result) => result.outcome === "planned");
  const best = planned.reduce<ScenarioResult | undefined>(
    (a, b) => (a === undefined || b.throughput > a.throughput ? b : a),
    undefined,
  );
  return renderPage({
    title: `What if: ${clusterName}`,
    lead:
      best === undefined
        ? "No scenario can be planned."
        : `${results.length} scenarios; most tokens per second: ${best.name}. Bounds say what no placement can exceed.`,
    figures: planned.slice(0, 6).map((result) => ({
      name: `${result.name}, tokens/s`,
      value: formatRate(result.throughput),
    })),
    sections: [
      throughputSection(results),
      ...costSection(planned),
      { title: "All figures", body: scenarioTable(results) },
      originSection(origin),
    ],
    data: results,
  });
}

function throughputSection(results: readonly ScenarioResult[]): ReportSection {
  const title = "Throughput by scenario";
  const chart = drawBarChart(
    title,
    results.map((result) => ({
      name: result.name,
      value: result.throughput,
      text: result.outcome === "planned" ? `${formatRate(result.throughput)} /s` : "none",
    })),
  );
  return { title, text: "Tokens per second at full flow.", body: scrollable(title, chart) };
}

function costSection(planned: readonly ScenarioResult[]): readonly ReportSection[] {
  const priced = planned.filter((result) => result.costPerHour !== undefined);
  if (priced.length < 2) return [];
  const points = priced
    .map((result) => ({
      x: result.costPerHour!,
      y: result.throughput,
      label: `${result.name}: ${formatRate(result.throughput)} tokens/s for ${formatDollars(result.costPerHour)} $/h`,
    }))
    .sort((a, b) => a.x - b.x);
  const title = "Throughput over cost";
  const chart = drawLineChart(title, [{ name: "scenarios", kind: "points", points }], {
    x: { label: "$ per hour" },
    y: { label: "tokens/s" },
  });
  return [{ title, text: "Upper left is better.", body: scrollable(title, chart) }];
}

function scenarioTable(results: readonly ScenarioResult[]): string {
  const number = (value: number | undefined, text: string): HtmlCell =>
    value === undefined ? { text: "–", value: -1 } : { text, value };
  return renderTable(
    "Scenarios",
    [
      { title: "scenario" },
      { title: "nodes", numeric: true },
      { title: "tokens/s", numeric: true },
      { title: "bound", numeric: true },
      { title: "gap", numeric: true },
      { title: "$/h", numeric: true },
      { title: "$/M tokens", numeric: true },
      { title: "bottleneck" },
    ],
    results.map((result) => [
      result.name,
      { text: String(result.nodes), value: result.nodes },
      { text: formatRate(result.throughput), value: result.throughput },
      number(result.upperBound, formatRate(result.upperBound ?? 0)),
      number(result.gap, formatPercent(result.gap ?? 0)),
      number(result.costPerHour, formatDollars(result.costPerHour)),
      number(result.costPerMillionTokens, formatDollars(result.costPerMillionTokens, 3)),
      result.reason ?? describeBottleneck(result.bottleneck),
    ]),
  );
}

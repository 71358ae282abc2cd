import type { MarginalValue, MemoryValue } from "../market/marginal-value.js";
import type { ScenarioResult } from "../market/scenario-result.js";
import { drawBarChart } from "./chart/bar-chart.js";
import { drawLineChart } from "./chart/line-chart.js";
import { formatPercent, formatRate } from "./format-number.js";
import { renderTable, type HtmlCell } from "./html/html-table.js";
import { renderPage, scrollable, type ReportSection } from "./html/page.js";
import { originSection, type ReportOrigin } from "./plan-report.js";
import { describeBottleneck, formatDollars } from "./what-if-table.js";

/** Values of one more of everything, where they were asked for. */
export interface MarginalTables {
  readonly marginal: readonly MarginalValue[];
  readonly memory: readonly MemoryValue[];
}

/** Scenarios, the first of them today's cluster, as one self-contained HTML page. */
export function renderWhatIfReport(
  clusterName: string,
  results: readonly ScenarioResult[],
  marginal: MarginalTables | undefined,
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
      ...(marginal === undefined ? [] : marginalSections(marginal)),
      originSection(origin),
    ],
    data: marginal === undefined ? results : { scenarios: results, ...marginal },
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
  const estimated = results.some(({ estimate }) => estimate !== undefined);
  return renderTable(
    "Scenarios",
    [
      { title: "scenario" },
      { title: "nodes", numeric: true },
      { title: "tokens/s", numeric: true },
      { title: "bound", numeric: true },
      { title: "gap", numeric: true },
      ...(estimated
        ? [
            { title: "goodput", numeric: true },
            { title: "prompt s", numeric: true },
            { title: "decode s", numeric: true },
          ]
        : []),
      { title: "$/h", numeric: true },
      { title: "$/M tokens", numeric: true },
      { title: "bottleneck", wraps: true },
    ],
    results.map((result) => [
      result.name,
      { text: String(result.nodes), value: result.nodes },
      { text: formatRate(result.throughput), value: result.throughput },
      number(result.upperBound, formatRate(result.upperBound ?? 0)),
      number(result.gap, formatPercent(result.gap ?? 0)),
      ...(estimated ? estimateCells(result) : []),
      number(result.costPerHour, formatDollars(result.costPerHour)),
      number(result.costPerMillionTokens, formatDollars(result.costPerMillionTokens, 3)),
      result.reason ?? describeBottleneck(result.bottleneck),
    ]),
  );
}

/** A difference: no minus before what rounds to nothing. */
function change(value: number): string {
  return (Math.abs(value) < 0.05 ? 0 : value).toFixed(1);
}

/** A figure that may be missing. */
function number(value: number | undefined, text: string): HtmlCell {
  return value === undefined ? { text: "–", value: -1 } : { text, value };
}

function estimateCells({ estimate }: ScenarioResult): readonly HtmlCell[] {
  const { decodeThroughput, promptLatency, decodeLatency } = estimate ?? {};
  return [
    number(decodeThroughput, formatRate(decodeThroughput ?? 0)),
    number(promptLatency, (promptLatency ?? 0).toFixed(2)),
    number(decodeLatency, (decodeLatency ?? 0).toFixed(3)),
  ];
}

function marginalSections({ marginal, memory }: MarginalTables): readonly ReportSection[] {
  const machines = renderTable(
    "One more of anything",
    [
      { title: "one more" },
      { title: "tokens/s", numeric: true },
      { title: "gain", numeric: true },
      { title: "bound rises by", numeric: true },
      { title: "$/h", numeric: true },
    ],
    marginal.map(({ what, throughput, gain, boundGain, costPerHour }) => [
      what,
      number(throughput, formatRate(throughput)),
      number(gain, change(gain)),
      number(boundGain, change(boundGain)),
      number(costPerHour, formatDollars(costPerHour)),
    ]),
  );
  const kv = renderTable(
    "More memory for KV",
    [
      { title: "one more" },
      { title: "nodes", numeric: true },
      { title: "goodput", numeric: true },
      { title: "gain", numeric: true },
    ],
    memory.map(({ what, nodes, goodput, gain }) => [
      what,
      number(nodes, String(nodes)),
      number(goodput, formatRate(goodput)),
      number(gain, change(gain)),
    ]),
  );
  return [
    {
      title: "What one more is worth",
      text: "Today's cluster planned again with one more of each.",
      body: machines,
    },
    ...(memory.length === 0
      ? []
      : [
          {
            title: "What memory is worth",
            text: "Decode tokens/s by the steady-state model, placement unchanged.",
            body: kv,
          },
        ]),
  ];
}

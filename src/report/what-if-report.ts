import type { MarginalValue } from "../market/marginal-value.js";
import type { MemoryValue } from "../serving/served/service-estimate.js";
import type { ScenarioResult } from "../market/scenario-result.js";
import { joinCaveats } from "./assumptions.js";
import { columnsAsHtml } from "./columns.js";
import { drawBarChart } from "./chart/bar-chart.js";
import { drawLineChart } from "./chart/line-chart.js";
import { formatRate } from "./format-number.js";
import { renderTable, type HtmlCell } from "./html/html-table.js";
import { renderPage, scrollable, type ReportSection } from "./html/page.js";
import { caveatsSection, originSection, type ReportOrigin } from "./plan-report.js";
import { formatDollars, scenarioColumns, worthOf } from "./what-if-table.js";

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
    (a, b) => (a === undefined || worthOf(b) > worthOf(a) ? b : a),
    undefined,
  );
  return renderPage({
    title: `What if: ${clusterName}`,
    lead:
      best === undefined
        ? "No scenario can be planned."
        : `${results.length} scenarios; most ${unitOf(results)}: ${best.name}. Bounds say what no placement can exceed.`,
    figures: planned.slice(0, 6).map((result) => ({
      name: `${result.name}, ${unitOf(results)}`,
      value: formatRate(worthOf(result)),
    })),
    sections: [
      throughputSection(results),
      ...costSection(planned),
      { title: "All figures", body: columnsAsHtml("Scenarios", scenarioColumns(results), results) },
      ...(marginal === undefined ? [] : marginalSections(marginal)),
      ...caveatsSection(joinCaveats(results)),
      originSection(origin),
    ],
    data: marginal === undefined ? results : { scenarios: results, ...marginal },
  });
}

/** What scenarios are compared by, in words. */
function unitOf(results: readonly ScenarioResult[]): string {
  return results.some(({ served }) => served !== undefined)
    ? "decode tokens/s served"
    : "tokens/s of flow";
}

function throughputSection(results: readonly ScenarioResult[]): ReportSection {
  const title = "Throughput by scenario";
  const chart = drawBarChart(
    title,
    results.map((result) => ({
      name: result.name,
      value: worthOf(result),
      text: result.outcome === "planned" ? `${formatRate(worthOf(result))} /s` : "none",
    })),
  );
  return { title, text: `In ${unitOf(results)}.`, body: scrollable(title, chart) };
}

function costSection(planned: readonly ScenarioResult[]): readonly ReportSection[] {
  const priced = planned.filter((result) => result.costPerHour !== undefined);
  if (priced.length < 2) return [];
  const points = priced
    .map((result) => ({
      x: result.costPerHour!,
      y: worthOf(result),
      label: `${result.name}: ${formatRate(worthOf(result))} ${unitOf(planned)} for ${formatDollars(result.costPerHour)} $/h`,
    }))
    .sort((a, b) => a.x - b.x);
  const title = "Throughput over cost";
  const chart = drawLineChart(title, [{ name: "scenarios", kind: "points", points }], {
    x: { label: "$ per hour" },
    y: { label: "tokens/s" },
  });
  return [{ title, text: "Upper left is better.", body: scrollable(title, chart) }];
}

/** A difference: no minus before what rounds to nothing. */
function change(value: number): string {
  return (Math.abs(value) < 0.05 ? 0 : value).toFixed(1);
}

/** A figure that may be missing. */
function number(value: number | undefined, text: string): HtmlCell {
  return value === undefined ? { text: "–", value: -1 } : { text, value };
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

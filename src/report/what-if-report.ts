import type { LeftOut } from "../market/listed-machines.js";
import type { MarginalValue } from "../market/marginal-value.js";
import { todayOf, type ScenarioResult } from "../market/scenario-result.js";
import { joinCaveats } from "./assumptions.js";
import { columnsAsHtml } from "./columns.js";
import { drawBarChart } from "./chart/bar-chart.js";
import { asPicture } from "./chart/drawing.js";
import { drawPointChart } from "./chart/point-chart.js";
import { formatCount, formatDollars, formatRate } from "./format-number.js";
import { renderPage, sentenceList, type ReportSection } from "./html/page.js";
import { describeToday, marginalColumns } from "./what-if-marginal.js";
import { beginSentence, caveatsSection, originSection, type ReportOrigin } from "./plan-report.js";
import { describeRows } from "./what-if-notes.js";
import { scenarioColumns } from "./what-if-table.js";
import { commonWorth, unitOfWorth } from "../market/worth-of.js";

/** Scenarios beside today's cluster as one self-contained HTML page. */
export function renderWhatIfReport(
  clusterName: string,
  results: readonly ScenarioResult[],
  marginal: readonly MarginalValue[] | undefined,
  origin: ReportOrigin,
  leftOut: readonly LeftOut[] = [],
  missing: readonly string[] = [],
): string {
  const notes = describeRows(results, marginal, leftOut, missing);
  const planned = results.filter((result) => result.outcome === "planned");
  const worth = commonWorth(results);
  const best = planned.reduce<ScenarioResult | undefined>(
    (a, b) => (a === undefined || worth(b) > worth(a) ? b : a),
    undefined,
  );
  const today = todayOf(results);
  const fastest = planned
    .filter((result) => result !== today)
    .toSorted((a, b) => worth(b) - worth(a));
  return renderPage({
    title: `What if: ${clusterName}`,
    lead:
      best === undefined
        ? "No scenario can be planned."
        : `${results.length} ${results.length === 1 ? "scenario" : "scenarios"}; most ${unitOfWorth(results)}: ${best.name}. Bounds say what no placement can exceed.`,
    figures: [...planned.filter((result) => result === today), ...fastest.slice(0, 5)].map(
      (result) => ({
        name: `${result.name}, ${unitOfWorth(results)}`,
        value: formatRate(worth(result)),
      }),
    ),
    sections: [
      ...(notes.length === 0
        ? []
        : [{ title: "What to know", body: sentenceList(notes.map(beginSentence)) }]),
      throughputSection(results),
      ...costSection(planned),
      { title: "All figures", body: columnsAsHtml("Scenarios", scenarioColumns(results), results) },
      ...(marginal === undefined ? [] : marginalSections(marginal, today!)),
      ...caveatsSection(joinCaveats(results)),
      originSection(origin),
    ],
    data: marginal === undefined ? results : { scenarios: results, marginal },
  });
}

function throughputSection(results: readonly ScenarioResult[]): ReportSection {
  const title = "Throughput by scenario";
  const worth = commonWorth(results);
  const chart = drawBarChart(
    title,
    results.map((result) => ({
      name: result.name,
      value: worth(result),
      text: result.outcome === "planned" ? `${formatRate(worth(result))} /s` : "none",
    })),
  );
  return { title, text: `In ${unitOfWorth(results)}.`, body: asPicture(chart) };
}

function costSection(planned: readonly ScenarioResult[]): readonly ReportSection[] {
  const priced = planned.filter((result) => result.costPerHour !== undefined);
  if (priced.length < 2) return [];
  const worth = commonWorth(planned);
  const points = priced.map((result) => ({
    x: result.costPerHour!,
    y: worth(result),
    name: result.name,
    title: `${result.name}: ${formatRate(worth(result))} ${unitOfWorth(planned)} for ${formatDollars(result.costPerHour)} $/h`,
  }));
  const chart = drawPointChart("Throughput over cost", points, {
    x: { label: "$ per hour", format: formatCount },
    y: { label: unitOfWorth(planned), format: formatCount },
  });
  return [{ title: "Throughput over cost", text: "Upper left is better.", body: asPicture(chart) }];
}

function marginalSections(
  values: readonly MarginalValue[],
  today: ScenarioResult,
): readonly ReportSection[] {
  return (["more", "less"] as const).flatMap((change): ReportSection[] => {
    const own = values.filter((value) => value.change === change);
    if (own.length === 0) return [];
    const title = change === "more" ? "What one more is worth" : "What one less costs";
    const name = change === "more" ? "One more of anything" : "One less of a machine";
    const body = columnsAsHtml(name, marginalColumns(own), own);
    return [{ title, text: describeToday(today), body }];
  });
}

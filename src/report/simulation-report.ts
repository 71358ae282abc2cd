import type { Cluster } from "../core/cluster.js";
import { caveatsOf } from "../core/estimate-notes.js";
import type { Comparison } from "../serving/simulate/compare.js";
import type { SimulationResult } from "../serving/simulate/result.js";
import type { SpannedDistribution } from "../serving/simulate/spanned-histogram.js";
import type { SimulationReport } from "../serving/simulate/simulate-placement.js";
import { drawBarChart } from "./chart/bar-chart.js";
import { drawLineChart, type Series } from "./chart/line-chart.js";
import { asPicture } from "./chart/drawing.js";
import { columnsAsHtml } from "./columns.js";
import { formatCount, formatRate, formatSeconds } from "./format-number.js";
import { describeIntervals, INTERVALS } from "./latency-intervals.js";
import { foldable, renderPage, sentenceList, type ReportSection } from "./html/page.js";
import { describeWindow, explainRun } from "./simulation-summary.js";
import {
  caveatsSection,
  estimatesSection,
  originSection,
  type ReportOrigin,
} from "./plan-report.js";
import { simulatedNodeColumns } from "./simulated-node-columns.js";
import {
  comparisonColumns,
  describeRuns,
  listRuns,
  type ComparedRun,
} from "./simulation-comparison.js";

const PERCENTILES = [5, 25, 50, 75, 95, 99] as const;

/** A simulation as one self-contained HTML page. */
export function renderSimulationReport(
  cluster: Cluster,
  report: SimulationReport,
  origin: ReportOrigin,
): string {
  const { result, ...facts } = report;
  const { timeToFirstToken, timePerOutputToken } = result;
  const known = explainRun(cluster, report);
  return renderPage({
    title: `${cluster.name} under load`,
    lead: `${describeWindow(report)}, ${facts.scheduler} scheduler, ${facts.batching} batching, seed ${facts.seed}.`,
    figures: [
      { name: "Served, decode tokens/s", value: formatRate(result.decodeTokensPerSecond) },
      { name: "Served, prompt tokens/s", value: formatRate(result.promptTokensPerSecond) },
      { name: "Flow of the placement, tokens/s", value: formatRate(facts.flow) },
      { name: "First token, mean", value: inSeconds(timeToFirstToken.mean) },
      { name: "Per token, mean", value: inSeconds(timePerOutputToken.mean) },
      { name: "Under way, mean", value: formatRate(result.meanInFlight) },
      { name: "Preemptions", value: formatCount(result.requests.preemptions) },
    ],
    sections: [
      ...(known.length === 0 ? [] : [{ title: "In words", body: sentenceList(known) }]),
      latencySection("Time to the first token", timeToFirstToken),
      latencySection("Time per output token", timePerOutputToken),
      ...timelineSections(result),
      nodesSection(cluster, result),
      ...estimatesSection(cluster),
      originSection(origin),
    ],
    data: { facts, result },
  });
}

/** A comparison as one self-contained HTML page. */
export function renderComparisonReport(
  cluster: Cluster,
  comparison: Comparison,
  origin: ReportOrigin,
  caveats = caveatsOf(cluster),
): string {
  const runs = listRuns(comparison);
  const best = runs.reduce((a, b) =>
    b.result.decodeTokensPerSecond > a.result.decodeTokensPerSecond ? b : a,
  );
  const name = (run: ComparedRun): string => `${run.placement}, ${run.scheduler}`;
  const bars = (
    title: string,
    text: string,
    value: (run: ComparedRun) => number,
    format: (value: number) => string,
  ): ReportSection => ({
    title,
    text,
    body: asPicture(
      drawBarChart(
        title,
        runs.map((run) => ({ name: name(run), value: value(run), text: format(value(run)) })),
      ),
    ),
  });
  const rate = (value: number): string => `${formatRate(value)} /s`;
  return renderPage({
    title: `Placements compared on ${cluster.name}`,
    lead: `${runs.length} ${runs.length === 1 ? "run" : "runs"}; most decode tokens: ${name(best)}. ${describeRuns(comparison, cluster).join(" ")}`,
    figures: [
      { name: "Best decode tokens/s", value: formatRate(best.result.decodeTokensPerSecond) },
      ...(runs.every(({ bound }) => bound === best.bound)
        ? [{ name: "Flow bound, tokens/s", value: formatRate(best.bound) }]
        : []),
    ],
    sections: [
      bars(
        "Decode throughput",
        "Tokens per second that users get.",
        (run) => run.result.decodeTokensPerSecond,
        rate,
      ),
      bars(
        "Time to the first token",
        "Mean, shorter is better.",
        (run) => run.result.timeToFirstToken.mean,
        inSeconds,
      ),
      bars(
        "Time per output token",
        "Mean, shorter is better.",
        (run) => run.result.timePerOutputToken.mean,
        inSeconds,
      ),
      { title: "All figures", body: columnsAsHtml("Runs", comparisonColumns(runs), runs) },
      ...caveatsSection(caveats),
      originSection(origin),
    ],
    data: { bound: comparison.bound, runs },
  });
}

/** A latency by percentile: each on an axis of its own, since one is many times the other. */
function latencySection(name: string, distribution: SpannedDistribution): ReportSection {
  const points = PERCENTILES.map((percentile) => {
    const seconds = distribution[`p${percentile}`];
    const label = `${name}: ${percentile} % within ${formatSeconds(seconds)} s`;
    return { x: percentile, y: seconds, label };
  });
  const chart = drawLineChart(`${name} by percentile`, [{ name, kind: "line", points }], {
    x: { label: "percent", format: formatCount },
    y: { label: "seconds", format: formatCount },
  });
  return {
    title: `${name} by percentile`,
    text: [
      "How long it takes at most for that share.",
      ...describeIntervals(`${INTERVALS}:`, distribution).map((said) => `${said}.`),
    ].join(" "),
    body: asPicture(chart),
  };
}

function timelineSections(result: SimulationResult): readonly ReportSection[] {
  const { samples } = result;
  if (samples.length < 2) return [];
  const series = (name: string, value: (sample: (typeof samples)[number]) => number): Series => ({
    name,
    kind: "line",
    points: samples.map((sample) => ({ x: sample.atSeconds, y: value(sample) })),
  });
  const worst = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);
  const chart = (title: string, unit: string, ...shown: readonly Series[]): ReportSection => ({
    title,
    body: asPicture(
      drawLineChart(title, shown, {
        x: { label: "seconds", format: formatCount },
        y: { label: unit, format: formatCount },
      }),
    ),
  });
  return [
    chart(
      "Throughput over time",
      "tokens/s",
      series("decode", (sample) => sample.decodeTokensPerSecond),
      series("prompt", (sample) => sample.promptTokensPerSecond),
    ),
    chart(
      "Fullest KV cache of any node over time",
      "%",
      series("fullest KV cache", (sample) => 100 * worst(sample.kvUse)),
    ),
    chart(
      "Requests waiting over time",
      "requests",
      series("longest queue of any node", (sample) => worst(sample.waiting)),
      series("waiting outside", (sample) => sample.waitingOutside),
    ),
  ];
}

function nodesSection(cluster: Cluster, { nodes }: SimulationResult): ReportSection {
  const table = columnsAsHtml("Nodes", simulatedNodeColumns(cluster), nodes);
  return { title: "Nodes", body: foldable(`All ${formatCount(nodes.length)} nodes`, table) };
}

function inSeconds(value: number): string {
  return `${formatSeconds(value)} s`;
}

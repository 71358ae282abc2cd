import { nodeId, type Cluster } from "../core/cluster.js";
import type { Distribution } from "../serving/simulate/histogram.js";
import type { Comparison } from "../serving/simulate/compare.js";
import type { SimulationResult } from "../serving/simulate/result.js";
import type { SimulationReport } from "../serving/simulate/simulate-placement.js";
import { drawBarChart } from "./chart/bar-chart.js";
import { drawLineChart, type Series } from "./chart/line-chart.js";
import { formatPercent, formatRate } from "./format-number.js";
import { renderTable, type HtmlCell } from "./html/html-table.js";
import { foldable, renderPage, scrollable, type ReportSection } from "./html/page.js";
import { describeTraffic } from "./simulation-summary.js";
import { estimatesSection, originSection, type ReportOrigin } from "./plan-report.js";
import { listRuns, type ComparedRun } from "./simulation-comparison.js";

const PERCENTILES = [5, 25, 50, 75, 95, 99] as const;

/** A simulation as one self-contained HTML page. */
export function renderSimulationReport(
  cluster: Cluster,
  { result, ...facts }: SimulationReport,
  origin: ReportOrigin,
): string {
  const { timeToFirstToken, timePerOutputToken, window } = result;
  return renderPage({
    title: `${cluster.name} under load`,
    lead: `Simulated ${Math.round(window.startSeconds)} to ${Math.round(window.endSeconds)} s: ${describeTraffic(facts)}, ${facts.scheduler} scheduler, ${facts.batching} batching, seed ${facts.seed}.`,
    figures: [
      { name: "Decode tokens/s", value: result.decodeTokensPerSecond.toFixed(1) },
      { name: "Prompt tokens/s", value: result.promptTokensPerSecond.toFixed(1) },
      { name: "First token, mean", value: formatSeconds(timeToFirstToken.mean) },
      { name: "Per token, mean", value: formatSeconds(timePerOutputToken.mean) },
      { name: "Under way, mean", value: result.meanInFlight.toFixed(1) },
      { name: "Preemptions", value: String(result.requests.preemptions) },
    ],
    sections: [
      latencySection([
        { name: "first token", distribution: timeToFirstToken },
        { name: "per output token", distribution: timePerOutputToken },
      ]),
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
): string {
  const { bound } = comparison;
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
    body: scrollable(
      title,
      drawBarChart(
        title,
        runs.map((run) => ({ name: name(run), value: value(run), text: format(value(run)) })),
      ),
    ),
  });
  const rate = (value: number): string => `${value.toFixed(1)} /s`;
  return renderPage({
    title: `Placements compared on ${cluster.name}`,
    lead: `${runs.length} runs; most decode tokens: ${name(best)}.`,
    figures: [
      { name: "Best decode tokens/s", value: best.result.decodeTokensPerSecond.toFixed(1) },
      { name: "Flow bound, tokens/s", value: formatRate(bound) },
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
        formatSeconds,
      ),
      bars(
        "Time per output token",
        "Mean, shorter is better.",
        (run) => run.result.timePerOutputToken.mean,
        formatSeconds,
      ),
      { title: "All figures", body: comparisonTable(bound, runs) },
      ...estimatesSection(cluster),
      originSection(origin),
    ],
    data: { bound, runs },
  });
}

function comparisonTable(bound: number, runs: readonly ComparedRun[]): string {
  const seconds = (value: number): HtmlCell => ({ text: value.toFixed(2), value });
  return renderTable(
    "Runs",
    [
      { title: "placement" },
      { title: "scheduler" },
      { title: "flow", numeric: true },
      { title: "of bound", numeric: true },
      { title: "decode/s", numeric: true },
      { title: "TTFT mean", numeric: true },
      { title: "TTFT p95", numeric: true },
      { title: "TPOT mean", numeric: true },
      { title: "TPOT p95", numeric: true },
      { title: "preempted", numeric: true },
      { title: "depth", numeric: true },
    ],
    runs.map(({ placement, scheduler, flow, result }) => [
      placement,
      scheduler,
      { text: formatRate(flow), value: flow },
      { text: formatPercent(flow / bound), value: flow / bound },
      { text: result.decodeTokensPerSecond.toFixed(1), value: result.decodeTokensPerSecond },
      seconds(result.timeToFirstToken.mean),
      seconds(result.timeToFirstToken.p95),
      seconds(result.timePerOutputToken.mean),
      seconds(result.timePerOutputToken.p95),
      { text: String(result.requests.preemptions), value: result.requests.preemptions },
      { text: result.meanStages.toFixed(1), value: result.meanStages },
    ]),
  );
}

function latencySection(
  latencies: readonly { readonly name: string; readonly distribution: Distribution }[],
): ReportSection {
  const series = latencies.map(({ name, distribution }): Series => ({
    name,
    kind: "line",
    points: PERCENTILES.map((percentile) => {
      const seconds = distribution[`p${percentile}`];
      return {
        x: percentile,
        y: seconds,
        label: `${name}: ${percentile} % within ${formatSeconds(seconds)}`,
      };
    }),
  }));
  const chart = drawLineChart("Latency by percentile", series, {
    x: { label: "percent of requests (first token) or of tokens (per token)" },
    y: { label: "seconds" },
  });
  return {
    title: "Latency",
    text: "How long it takes at most for that share of requests or tokens.",
    body: scrollable("Latency by percentile", chart),
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
  return [
    {
      title: "Throughput over time",
      body: scrollable(
        "Throughput over time",
        drawLineChart(
          "Throughput over time",
          [
            series("decode", (sample) => sample.decodeTokensPerSecond),
            series("prompt", (sample) => sample.promptTokensPerSecond),
          ],
          { x: { label: "seconds" }, y: { label: "tokens/s" } },
        ),
      ),
    },
    {
      title: "KV cache and queues over time",
      text: "Fullest KV cache and longest queue of any node.",
      body:
        scrollable(
          "KV use over time",
          drawLineChart(
            "Fullest KV cache over time",
            [series("fullest KV cache", (sample) => 100 * worst(sample.kvUse))],
            { x: { label: "seconds" }, y: { label: "%" } },
          ),
        ) +
        scrollable(
          "Queues over time",
          drawLineChart(
            "Longest queue over time",
            [
              series("longest queue", (sample) => worst(sample.waiting)),
              series("waiting outside", (sample) => sample.waitingOutside),
            ],
            { x: { label: "seconds" }, y: { label: "requests" } },
          ),
        ),
    },
  ];
}

function nodesSection(cluster: Cluster, result: SimulationResult): ReportSection {
  const share = (value: number): HtmlCell => ({ text: formatPercent(value), value });
  const rows = result.nodes.map((node): readonly HtmlCell[] => [
    nodeId(cluster, node.node),
    share(node.busy),
    { text: node.meanDecodeBatch.toFixed(1), value: node.meanDecodeBatch },
    { text: node.meanWaiting.toFixed(2), value: node.meanWaiting },
    { text: node.meanWaitSeconds.toFixed(3), value: node.meanWaitSeconds },
    share(node.kvUse),
    share(node.kvPeak),
    { text: String(node.preemptions), value: node.preemptions },
  ]);
  const table = renderTable(
    "Nodes",
    [
      { title: "node" },
      { title: "busy", numeric: true },
      { title: "decodes per batch", numeric: true },
      { title: "waiting", numeric: true },
      { title: "wait, s", numeric: true },
      { title: "KV mean", numeric: true },
      { title: "KV peak", numeric: true },
      { title: "preempted", numeric: true },
    ],
    rows,
  );
  return { title: "Nodes", body: foldable(`All ${rows.length} nodes`, table) };
}

function formatSeconds(seconds: number): string {
  return seconds < 1 ? `${Math.round(1000 * seconds)} ms` : `${seconds.toFixed(2)} s`;
}

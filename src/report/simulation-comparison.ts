import type { Comparison } from "../serving/simulate/compare.js";
import type { SimulationResult } from "../serving/simulate/result.js";
import { formatPercent, formatRate } from "./format-number.js";
import { formatTable } from "./table.js";

/** One line of the comparison. */
export interface ComparedRun {
  readonly placement: string;
  readonly scheduler: string;
  readonly flow: number;
  readonly result: SimulationResult;
}

/** The runs of a comparison as tables and pages show them. */
export function listRuns({ rows }: Comparison): readonly ComparedRun[] {
  return rows.map(({ placement, scheduler, report: { flow, result } }) => ({
    placement,
    scheduler,
    flow,
    result,
  }));
}

const TITLES = [
  "flow",
  "of bound",
  "decode/s",
  "±",
  "TTFT mean",
  "p50",
  "p95",
  "p99",
  "TPOT mean",
  "p50",
  "p95",
  "p99",
  "KV",
  "preempted",
  "depth",
];

/** Placements × schedulers in one table. Rates in tokens/s, latencies in seconds. */
export function tabulateComparison(comparison: Comparison): string {
  const { bound } = comparison;
  return formatTable(
    [
      { title: "placement" },
      { title: "scheduler" },
      ...TITLES.map((title) => ({ title, align: "right" as const })),
    ],
    listRuns(comparison).map(({ placement, scheduler, flow, result }) => {
      const { timeToFirstToken: ttft, timePerOutputToken: tpot, nodes } = result;
      const kv = nodes.reduce((most, node) => Math.max(most, node.kvUse), 0);
      return [
        placement,
        scheduler,
        formatRate(flow),
        formatPercent(flow / bound),
        result.decodeTokensPerSecond.toFixed(1),
        Number.isFinite(result.decodeConfidence) ? result.decodeConfidence.toFixed(1) : "–",
        ...[ttft.mean, ttft.p50, ttft.p95, ttft.p99].map((seconds) => seconds.toFixed(2)),
        ...[tpot.mean, tpot.p50, tpot.p95, tpot.p99].map((seconds) => seconds.toFixed(2)),
        formatPercent(kv),
        String(result.requests.preemptions),
        result.meanStages.toFixed(1),
      ];
    }),
  );
}

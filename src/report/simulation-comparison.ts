import { largest } from "../core/extremes.js";
import type { Comparison } from "../serving/simulate/compare.js";
import type { SimulationResult } from "../serving/simulate/result.js";
import { columnsAsText, figures, type Column } from "./columns.js";
import { formatCount, formatPercent, formatRate, formatSeconds } from "./format-number.js";
import type { TextStyle } from "./text-style.js";

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

const PERCENTILES = ["p50", "p95", "p99"] as const;

/** What is told of runs. Rates in tokens/s, latencies in seconds. */
export function comparisonColumns(bound: number): readonly Column<ComparedRun>[] {
  const latency = (
    short: string,
    key: "timeToFirstToken" | "timePerOutputToken",
  ): readonly Column<ComparedRun>[] => [
    figures(`${short} mean`, ({ result }) => result[key].mean, formatSeconds),
    ...PERCENTILES.map((name) => ({
      ...figures<ComparedRun>(`${short} ${name}`, ({ result }) => result[key][name], formatSeconds),
      ...(name === "p95" ? {} : { extra: true as const }),
    })),
  ];
  return [
    { title: "placement", text: ({ placement }) => placement },
    { title: "scheduler", text: ({ scheduler }) => scheduler },
    figures("flow", ({ flow }) => flow, formatRate),
    { ...figures("of bound", ({ flow }) => flow / bound, formatPercent), extra: true },
    figures("decode/s", ({ result }) => result.decodeTokensPerSecond, formatRate),
    { ...figures("±", ({ result }) => finite(result.decodeConfidence), formatRate), extra: true },
    ...latency("TTFT", "timeToFirstToken"),
    ...latency("TPOT", "timePerOutputToken"),
    { ...figures("KV", ({ result }) => fullest(result), formatPercent), extra: true },
    figures("preempted", ({ result }) => result.requests.preemptions, formatCount),
    { ...figures("depth", ({ result }) => result.meanStages, formatRate), extra: true },
  ];
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** Share of the fullest KV cache in use. */
function fullest({ nodes }: SimulationResult): number {
  return nodes.reduce((most, { kvUse }) => Math.max(most, kvUse), 0);
}

/** Placements × schedulers in one table. */
export function tabulateComparison(comparison: Comparison, style?: TextStyle): string {
  const runs = listRuns(comparison);
  const decode = ({ result }: ComparedRun): number => result.decodeTokensPerSecond;
  const most = largest(runs.map(decode), 0);
  const tones = runs.map((run) =>
    runs.length > 1 && most > 0 && decode(run) === most ? "best" : undefined,
  );
  return columnsAsText(comparisonColumns(comparison.bound), runs, style, tones);
}

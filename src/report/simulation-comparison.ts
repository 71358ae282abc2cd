import type { Cluster } from "../core/cluster.js";
import type { EngineName } from "../core/engine-choice.js";
import { largest } from "../core/extremes.js";
import type { Comparison } from "../serving/simulate/compare.js";
import type { SimulationResult } from "../serving/simulate/result.js";
import { columnsAsText, figures, type Column } from "./columns.js";
import { formatCount, formatPercent, formatRate, formatSeconds } from "./format-number.js";
import { describeLengths, describeWindow, growthOf } from "./simulation-summary.js";
import type { TextStyle } from "./text-style.js";

/** One line of the comparison. */
export interface ComparedRun {
  readonly placement: string;
  readonly scheduler: string;
  readonly engine: EngineName;
  readonly batchTokens: number | undefined;
  readonly flow: number;
  /** No placement of this engine has more flow. */
  readonly bound: number;
  /** Requests/s by which more arrive than are served; 0 where load is kept up with. */
  readonly growth: number;
  readonly result: SimulationResult;
}

/** The runs of a comparison as tables and pages show them. */
export function listRuns({ rows }: Comparison): readonly ComparedRun[] {
  return rows.map(({ placement, scheduler, batchTokens, bound, report }) => ({
    placement,
    scheduler,
    engine: report.engine,
    batchTokens,
    flow: report.flow,
    bound,
    growth: growthOf(report),
    result: report.result,
  }));
}

const PERCENTILES = ["p50", "p95", "p99"] as const;

/** What is told of runs. Rates in tokens/s, latencies in seconds; the engine where it is not one for all. */
export function comparisonColumns(runs: readonly ComparedRun[]): readonly Column<ComparedRun>[] {
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
    ...(differ(runs, ({ engine }) => engine)
      ? [{ title: "engine", text: ({ engine }: ComparedRun) => engine }]
      : []),
    ...(differ(runs, ({ batchTokens }) => batchTokens)
      ? [figures<ComparedRun>("step", ({ batchTokens }) => batchTokens, formatStep)]
      : []),
    figures("flow", ({ flow }) => flow, formatRate),
    { ...figures("of bound", ({ flow, bound }) => flow / bound, formatPercent), extra: true },
    figures("decode/s", ({ result }) => result.decodeTokensPerSecond, formatRate),
    { ...figures("±", ({ result }) => finite(result.decodeConfidence), formatRate), extra: true },
    ...(runs.some(({ growth }) => growth > 0)
      ? [figures<ComparedRun>("queue +/s", ({ growth }) => growth || undefined, formatRate)]
      : []),
    ...latency("TTFT", "timeToFirstToken"),
    ...latency("TPOT", "timePerOutputToken"),
    { ...figures("KV", ({ result }) => fullest(result), formatPercent), extra: true },
    figures("preempted", ({ result }) => result.requests.preemptions, formatCount),
    { ...figures("depth", ({ result }) => result.meanStages, formatRate), extra: true },
  ];
}

function differ(
  runs: readonly ComparedRun[],
  what: (run: ComparedRun) => string | number | undefined,
): boolean {
  return new Set(runs.map(what)).size > 1;
}

/** No unit and no separators, as in the options that set it. */
function formatStep(tokens: number): string {
  return String(tokens);
}

/** What runs of a comparison were, in sentences that hold for all of them. */
export function describeRuns({ rows }: Comparison, cluster: Cluster): readonly string[] {
  const first = rows[0]?.report;
  if (first === undefined) return [];
  const batchings = [...new Set(rows.map(({ report }) => report.batching))];
  const overloaded = rows.filter(({ report }) => growthOf(report) > 0).length;
  const fixed = rows.some(
    ({ scheduler, report }) => scheduler !== "helix" && report.batching === "chain",
  );
  return [
    `${describeWindow(first)}, ${batchings.join(" and ")} batching, seed ${first.seed}.`,
    ...describeLengths(cluster, first),
    ...(overloaded === 0
      ? []
      : [
          `Overloaded: ${overloaded} of ${rows.length} runs, in which the queue grows by "queue +/s" requests/s, so their latencies grow with the length of the run.`,
        ]),
    ...(fixed
      ? [
          "Where chains form batches, requests keep to the chain they are handed to: schedulers make no difference there.",
        ]
      : []),
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
  return columnsAsText(comparisonColumns(runs), runs, style, tones);
}

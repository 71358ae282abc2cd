import type { BottleneckShare, ScenarioResult } from "../market/scenario-result.js";
import { formatPercent, formatRate } from "./format-number.js";
import { formatTable, type TableColumn } from "./table.js";

/** Most parts of a bottleneck named in a cell. */
const MOST_SHARES = 2;

/** Scenarios against the first of them (today): one row each. */
export function tabulateScenarios(results: readonly ScenarioResult[]): string {
  const [today] = results;
  const estimated = results.some(({ estimate }) => estimate !== undefined);
  const columns: TableColumn[] = [
    { title: "scenario" },
    { title: "nodes", align: "right" },
    { title: "tokens/s", align: "right" },
    { title: "vs. today", align: "right" },
    { title: "bound", align: "right" },
    { title: "gap", align: "right" },
    ...(estimated
      ? ([
          { title: "goodput", align: "right" },
          { title: "prompt s", align: "right" },
          { title: "decode s", align: "right" },
        ] as const)
      : []),
    { title: "$/h", align: "right" },
    { title: "$/M tokens", align: "right" },
    { title: "bottleneck" },
  ];
  const rows = results.map((result) => [
    result.name,
    String(result.nodes),
    result.outcome === "planned" ? formatRate(result.throughput) : "none",
    formatChange(result, today!),
    result.upperBound === undefined ? "–" : formatRate(result.upperBound),
    result.gap === undefined ? "–" : formatPercent(result.gap),
    ...(estimated ? estimateCells(result) : []),
    formatDollars(result.costPerHour),
    formatDollars(result.costPerMillionTokens, 3),
    result.reason ?? describeBottleneck(result.bottleneck),
  ]);
  return formatTable(columns, rows);
}

/** Dollars, or a dash where a machine has no price. */
export function formatDollars(value: number | undefined, digits = 2): string {
  return value === undefined ? "–" : value.toFixed(digits);
}

function formatChange(result: ScenarioResult, today: ScenarioResult): string {
  if (result === today || today.throughput === 0 || result.outcome !== "planned") return "–";
  const share = result.throughput / today.throughput - 1;
  return `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)} %`;
}

function estimateCells({ estimate }: ScenarioResult): readonly string[] {
  if (estimate === undefined) return ["–", "–", "–"];
  const { decodeThroughput, promptLatency, decodeLatency } = estimate;
  return [formatRate(decodeThroughput), promptLatency.toFixed(2), decodeLatency.toFixed(3)];
}

/** The minimum cut in a few words: `compute of 2 t4x4 + 1 l4`. */
export function describeBottleneck(shares: readonly BottleneckShare[]): string {
  const words = shares.slice(0, MOST_SHARES).map(({ kind, where, count }) => {
    if (kind === "link") return `${count} ${count === 1 ? "link" : "links"} ${where}`;
    return `${kind} of ${count} ${where}`;
  });
  const rest = shares.length - words.length;
  return words.join(" + ") + (rest > 0 ? ` + ${rest} more` : "");
}

/** The rows that no other row beats in throughput and cost, by throughput; the first 20 where there are no prices. */
export function selectFront(results: readonly ScenarioResult[]): readonly ScenarioResult[] {
  const planned = results
    .filter(({ outcome }) => outcome === "planned")
    .toSorted((a, b) => b.throughput - a.throughput);
  if (planned.some(({ costPerHour }) => costPerHour === undefined)) return planned.slice(0, 20);
  let cheapest = Infinity;
  return planned
    .toSorted((a, b) => b.throughput - a.throughput || a.costPerHour! - b.costPerHour!)
    .filter(({ costPerHour }) => {
      if (costPerHour! >= cheapest) return false;
      cheapest = costPerHour!;
      return true;
    })
    .toReversed();
}

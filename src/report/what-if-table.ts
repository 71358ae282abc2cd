import { printable } from "../core/printable.js";
import { largest } from "../core/extremes.js";
import { KILO } from "../core/units.js";
import { todayOf, type BottleneckShare, type ScenarioResult } from "../market/scenario-result.js";
import { commonWorth, limitRateOf, listUnsimulated } from "../market/worth-of.js";
import { columnsAsCsv, columnsAsText, type Column } from "./columns.js";
import { formatDollars, formatPercent, formatRate, formatSeconds } from "./format-number.js";
import type { TextStyle } from "./text-style.js";

/** Most parts of a bottleneck named in a cell. */
const MOST_SHARES = 2;

/** What is told of scenarios against today's cluster, where that is one of them. A new figure is a row here. */
export function scenarioColumns(
  results: readonly ScenarioResult[],
): readonly Column<ScenarioResult>[] {
  const today = todayOf(results);
  const estimated = results.some(({ estimate }) => estimate !== undefined);
  const servedSomewhere = results.some(({ served }) => served !== undefined);
  const stepped = results.some(({ batchTokens }) => batchTokens !== undefined);
  const limited = results.some((result) => limitRateOf(result.served) !== undefined);
  const load = results.find(({ atLoad }) => atLoad !== undefined)?.atLoad?.load;
  const columns: readonly OptionalColumn[] = [
    { title: "scenario", text: ({ name }) => name },
    { title: "nodes", text: ({ nodes }) => String(nodes), value: ({ nodes }) => nodes },
    {
      title: "serves",
      served: true,
      text: ({ served }) => formatRate(served!.decodeTokensPerSecond),
      value: ({ served }) => served?.decodeTokensPerSecond,
    },
    {
      title: "step",
      step: true,
      text: ({ batchTokens }) => String(batchTokens),
      value: ({ batchTokens }) => batchTokens,
    },
    {
      title: "limits hold to",
      limits: true,
      text: (result) => formatRate(limitRateOf(result.served)!),
      value: ({ served }) => limitRateOf(served),
    },
    {
      title: "mean TTFT s",
      limits: true,
      extra: true,
      text: ({ served }) => formatSeconds(served!.timeToFirstToken),
      value: ({ served }) => served?.timeToFirstToken,
    },
    {
      title: "mean TPOT s",
      limits: true,
      extra: true,
      text: ({ served }) => formatSeconds(served!.timePerOutputToken),
      value: ({ served }) => served?.timePerOutputToken,
    },
    ...tailColumns(results),
    {
      title: servedSomewhere ? "flow" : "tokens/s",
      text: ({ outcome, throughput }) => (outcome === "planned" ? formatRate(throughput) : "none"),
      value: ({ throughput }) => throughput,
    },
    {
      title: "vs. today",
      text: (result) => formatChange(changeOf(result, today)!),
      value: (result) => changeOf(result, today),
    },
    {
      title: "bound",
      text: ({ upperBound }) => formatRate(upperBound!),
      value: ({ upperBound }) => upperBound,
    },
    { extra: true, title: "gap", text: ({ gap }) => formatPercent(gap!), value: ({ gap }) => gap },
    {
      title: "goodput",
      estimate: true,
      text: ({ estimate }) => formatRate(estimate!.decodeThroughput),
      value: ({ estimate }) => estimate?.decodeThroughput,
    },
    {
      extra: true,
      title: "prompt s",
      estimate: true,
      text: ({ estimate }) => formatSeconds(estimate!.promptLatency),
      value: ({ estimate }) => estimate?.promptLatency,
    },
    {
      extra: true,
      title: "decode s",
      estimate: true,
      text: ({ estimate }) => formatSeconds(estimate!.decodeLatency),
      value: ({ estimate }) => estimate?.decodeLatency,
    },
    ...costColumns(load),
    {
      title: "bottleneck",
      text: ({ reason, bottleneck }) => reason ?? describeBottleneck(bottleneck),
      wraps: true,
    },
  ];
  const powered = results.every(({ powerWatts }) => powerWatts !== undefined);
  return columns.filter(
    ({ estimate, served, limits, power, step, load: ofLoad }) =>
      (stepped || step !== true) &&
      (limited || limits !== true) &&
      (load !== undefined || ofLoad !== true) &&
      (estimated || estimate !== true) &&
      (servedSomewhere || served !== true) &&
      (powered || power !== true),
  );
}

/** Latencies that one request in twenty exceeds, where rates of arrivals were looked for. */
function tailColumns(results: readonly ScenarioResult[]): readonly OptionalColumn[] {
  const tailOf = ({ served }: ScenarioResult) =>
    served === undefined || served.at === "saturation" ? undefined : served.at.p95;
  if (results.every((result) => tailOf(result) === undefined)) return [];
  return [
    {
      title: "p95 TTFT s",
      extra: true,
      text: (result) => formatSeconds(tailOf(result)!.timeToFirstToken),
      value: (result) => tailOf(result)?.timeToFirstToken,
    },
    {
      title: "p95 TPOT s",
      extra: true,
      text: (result) => formatSeconds(tailOf(result)!.timePerOutputToken),
      value: (result) => tailOf(result)?.timePerOutputToken,
    },
  ];
}

/** What stands only where there is something to tell. */
type OptionalColumn = Column<ScenarioResult> & {
  readonly estimate?: true;
  readonly served?: true;
  /** Of plans whose tokens of a step are not left to the engine. */
  readonly step?: true;
  /** Of plans that keep limits on latency. */
  readonly limits?: true;
  readonly power?: true;
  readonly load?: true;
};

/** What machines and tokens cost, at full load and at a share of it. */
function costColumns(load: number | undefined): readonly OptionalColumn[] {
  return [
    {
      title: "$/h",
      text: ({ costPerHour }) => formatDollars(costPerHour),
      value: ({ costPerHour }) => costPerHour,
    },
    {
      extra: true,
      title: "kW",
      power: true,
      text: ({ powerWatts }) => (powerWatts! / KILO).toFixed(1),
      value: ({ powerWatts }) => powerWatts,
    },
    {
      title: "$/M output",
      served: true,
      text: ({ costPerMillionOutputTokens }) => formatDollars(costPerMillionOutputTokens, 2),
      value: ({ costPerMillionOutputTokens }) => costPerMillionOutputTokens,
    },
    {
      title: `$/M at ${Math.round(100 * (load ?? 1))} %`,
      load: true,
      text: ({ atLoad }) => formatDollars(atLoad!.costPerMillionOutputTokens, 2),
      value: ({ atLoad }) => atLoad?.costPerMillionOutputTokens,
    },
    {
      extra: true,
      title: "$/M tokens",
      text: ({ costPerMillionTokens }) => formatDollars(costPerMillionTokens, 3),
      value: ({ costPerMillionTokens }) => costPerMillionTokens,
    },
  ];
}

/** Scenarios against today's cluster, one row each. */
export function tabulateScenarios(results: readonly ScenarioResult[], style?: TextStyle): string {
  const worth = commonWorth(results);
  const most = largest(results.map(worth), 0);
  const tones = results.map((result) =>
    results.length > 1 && most > 0 && worth(result) === most ? "best" : undefined,
  );
  return columnsAsText(scenarioColumns(results), results, style, tones);
}

/** The same as comma-separated text, figures in full. */
export function listScenarios(results: readonly ScenarioResult[]): string {
  return columnsAsCsv(scenarioColumns(results), results);
}

/** Which rows are compared by flow: of a machine whose figures are given no simulation has times. */
export function describeUnsimulated(results: readonly ScenarioResult[]): readonly string[] {
  const some = listUnsimulated(results);
  if (some.length === 0) return [];
  const names = some.map(({ name }) => name).join(", ");
  return [printable(`not simulated, so compared by flow, which is no promise: ${names}`)];
}

/** Share of today's worth gained, of its flow where one of the two was not simulated; undefined for today, and where there is nothing to compare. */
function changeOf(result: ScenarioResult, today: ScenarioResult | undefined): number | undefined {
  if (today === undefined || result === today) return undefined;
  const worth = commonWorth([today, result]);
  if (worth(today) === 0 || result.outcome !== "planned") return undefined;
  return worth(result) / worth(today) - 1;
}

function formatChange(share: number): string {
  return `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)} %`;
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

/** The rows that no other row beats in what is served (or carried) and cost, by that; the first 20 where there are no prices. */
export function selectFront(results: readonly ScenarioResult[]): readonly ScenarioResult[] {
  const worth = commonWorth(results);
  const planned = results
    .filter(({ outcome }) => outcome === "planned")
    .toSorted((a, b) => worth(b) - worth(a));
  if (planned.some(({ costPerHour }) => costPerHour === undefined)) return planned.slice(0, 20);
  let cheapest = Infinity;
  return planned
    .toSorted((a, b) => worth(b) - worth(a) || a.costPerHour! - b.costPerHour!)
    .filter(({ costPerHour }) => {
      if (costPerHour! >= cheapest) return false;
      cheapest = costPerHour!;
      return true;
    })
    .toReversed();
}

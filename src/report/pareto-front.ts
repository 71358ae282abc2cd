import type { SimulationReport } from "../serving/simulate/simulate-placement.js";
import { asFile, stackDrawings, type Drawing } from "./chart/drawing.js";
import { drawPointChart } from "./chart/point-chart.js";
import { columnsAsText, figures, type Column } from "./columns.js";
import { formatCount, formatRate, formatSeconds } from "./format-number.js";
import type { TextStyle } from "./text-style.js";

/** One placement of a front under a load. Rates in tokens/s, latencies in seconds. */
export interface FrontPoint {
  /** Of the placement, from 1; absent: the place of the point. */
  readonly number?: number;
  /** Share of what the placement serves at full load that arrives; absent: full load. */
  readonly load?: number;
  /** Tokens of a step that it was simulated with, where the engine forms batches by tokens. */
  readonly batchTokens?: number;
  readonly decodeTokensPerSecond: number;
  /** Half of its 95 % interval; absent where the run was too short to tell. */
  readonly decodeConfidence?: number;
  readonly timeToFirstToken: { readonly mean: number; readonly p95: number };
  readonly timePerOutputToken: { readonly mean: number; readonly p95: number };
  readonly flow: number;
  readonly concurrency: number;
  readonly meanStages: number;
}

/** What a front shows of a simulated placement. */
export function frontPointOf({
  report: { flow, result },
  load,
  batchTokens,
}: {
  readonly report: SimulationReport;
  readonly load?: number;
  readonly batchTokens?: number | undefined;
}): FrontPoint {
  const { decodeTokensPerSecond, decodeConfidence, timeToFirstToken, timePerOutputToken } = result;
  return {
    ...(load === undefined ? {} : { load }),
    ...(batchTokens === undefined ? {} : { batchTokens }),
    decodeTokensPerSecond,
    ...(Number.isFinite(decodeConfidence) ? { decodeConfidence } : {}),
    timeToFirstToken,
    timePerOutputToken,
    flow,
    concurrency: result.meanInFlight,
    meanStages: result.meanStages,
  };
}

/** What is told of a front's placements, numbered from 1, and under which load. */
export function frontColumns(points: readonly FrontPoint[]): readonly Column<FrontPoint>[] {
  const number = new Map(points.map((point, index) => [point, point.number ?? index + 1]));
  const loaded = points.some(({ load }) => load !== undefined);
  return [
    figures("no.", (point) => number.get(point), String),
    ...(loaded
      ? [
          figures<FrontPoint>(
            "load",
            ({ load = 1 }) => load,
            (load) => `${Math.round(100 * load)} %`,
          ),
        ]
      : []),
    ...(points.some(({ batchTokens }) => batchTokens !== undefined)
      ? [figures<FrontPoint>("step", ({ batchTokens }) => batchTokens, formatCount)]
      : []),
    figures("decode/s", (point) => point.decodeTokensPerSecond, formatRate),
    figures("±", (point) => point.decodeConfidence, formatRate),
    figures("TTFT mean", (point) => point.timeToFirstToken.mean, formatSeconds),
    figures("TTFT p95", (point) => point.timeToFirstToken.p95, formatSeconds),
    figures("TPOT mean", (point) => point.timePerOutputToken.mean, formatSeconds),
    figures("TPOT p95", (point) => point.timePerOutputToken.p95, formatSeconds),
    { ...figures("requests", (point) => point.concurrency, formatRate), extra: true },
    figures("stages", (point) => point.meanStages, formatRate),
    figures("flow", (point) => point.flow, formatRate),
  ];
}

/** The front as text, one line per placement and load. Latencies in seconds. */
export function tabulateFront(points: readonly FrontPoint[], style?: TextStyle): string {
  return columnsAsText(frontColumns(points), points, style);
}

/** One latency over throughput; the points have their numbers in the table. */
export function drawFrontChart(
  points: readonly FrontPoint[],
  latency: "timeToFirstToken" | "timePerOutputToken",
): Drawing {
  const name =
    latency === "timeToFirstToken" ? "Mean time to first token" : "Mean time per output token";
  const shown = points.map((point, index) => {
    const [x, y] = [point.decodeTokensPerSecond, point[latency].mean];
    const { number = index + 1, load } = point;
    const at = load === undefined ? "" : ` (${Math.round(100 * load)} % of its full load)`;
    const title = `Placement ${number}: ${formatSeconds(y)} s at ${formatRate(x)} tokens/s${at}, ${formatRate(point.meanStages)} stages`;
    return { x, y, name: String(number), title };
  });
  return drawPointChart(`${name} over throughput`, shown, {
    x: { label: "decode tokens/s", format: formatCount },
    y: { label: `${name.toLowerCase()}, s`, format: formatCount },
  });
}

/** Both latencies as an SVG file of its own, one below the other. */
export function drawFront(name: string, points: readonly FrontPoint[]): string {
  return asFile(
    stackDrawings(`Throughput and latency on ${name}`, [
      drawFrontChart(points, "timeToFirstToken"),
      drawFrontChart(points, "timePerOutputToken"),
    ]),
  );
}

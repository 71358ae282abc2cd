import { escapeXml } from "../escape-xml.js";
import { at, CHART, frameChart, type ChartAxis } from "./frame.js";
import { linearScale } from "./scale.js";

export interface Series {
  readonly name: string;
  /** Ascending in x. */
  readonly points: readonly { readonly x: number; readonly y: number; readonly label?: string }[];
  /** "steps" holds a value until the next point; "line" joins points; "points" draws marks alone. */
  readonly kind: "line" | "steps" | "points";
}

/** More points than this are drawn small. */
const CROWDED = 50;

/**
 * Lines, steps or points over a common pair of axes; every point carries its values as a title.
 * The y axis begins at 0 unless `fromZero` is false.
 */
export function drawLineChart(
  name: string,
  series: readonly Series[],
  axes: { readonly x: ChartAxis; readonly y: ChartAxis },
  options: { readonly fromZero?: boolean } = {},
): string {
  const points = series.flatMap((one) => one.points);
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const low = options.fromZero === false ? least(ys) : Math.min(0, least(ys));
  const x = linearScale(
    [Math.min(least(xs), 0), most(xs)],
    [CHART.left, CHART.width - CHART.right],
    8,
  );
  const y = linearScale([low, most(ys)], [CHART.height - CHART.bottom, CHART.top + 8]);
  const legendStart = CHART.left + Math.max(96, 7.5 * axes.y.label.length + 24);
  const marks = series.map((one, index) => {
    const dots = one.points.map(
      (point) =>
        `<circle cx="${at(x(point.x))}" cy="${at(y(point.y))}" r="${one.points.length > CROWDED ? 1.5 : 3.5}"><title>${escapeXml(point.label ?? `${one.name}: ${point.x}, ${point.y}`)}</title></circle>`,
    );
    const legend = `<circle cx="${at(legendStart + index * 150)}" cy="${CHART.top - 6}" r="4"/><text x="${at(legendStart + 9 + index * 150)}" y="${CHART.top - 2}">${escapeXml(one.name)}</text>`;
    return `<g class="series s${index % 8}">${one.kind === "points" ? "" : drawPath(one, x, y)}${dots.join("")}${legend}</g>`;
  });
  return frameChart(name, x, y, axes, marks.join(""));
}

function drawPath(
  series: Series,
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  const parts = series.points.map((point, index) => {
    if (index === 0) return `M${at(x(point.x))} ${at(y(point.y))}`;
    return series.kind === "steps"
      ? `H${at(x(point.x))}V${at(y(point.y))}`
      : `L${at(x(point.x))} ${at(y(point.y))}`;
  });
  return `<path d="${parts.join("")}" fill="none"/>`;
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), -Infinity);
}

import { escapeXml } from "../escape-xml.js";
import type { Scale } from "./scale.js";

export interface ChartAxis {
  readonly label: string;
  readonly format?: (value: number) => string;
}

/** Size of a chart in its own units; it scales with the page. */
export const CHART = { width: 720, height: 300, left: 70, right: 24, top: 14, bottom: 44 };

/** A coordinate with one decimal, as it goes into SVG. */
export function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Axes, grid and labels around the marks of a chart. `name` is what a screen reader says. */
export function frameChart(
  name: string,
  x: Scale,
  y: Scale,
  axes: { readonly x: ChartAxis; readonly y: ChartAxis },
  marks: string,
  height: number = CHART.height,
): string {
  const bottom = height - CHART.bottom;
  const right = CHART.width - CHART.right;
  const formatX = axes.x.format ?? formatTick;
  const formatY = axes.y.format ?? formatTick;
  const vertical = x.ticks.map(
    (tick) =>
      `<line x1="${at(x(tick))}" x2="${at(x(tick))}" y1="${CHART.top}" y2="${bottom}"/><text x="${at(x(tick))}" y="${bottom + 16}" text-anchor="middle">${escapeXml(formatX(tick))}</text>`,
  );
  const horizontal = y.ticks.map(
    (tick) =>
      `<line x1="${CHART.left}" x2="${right}" y1="${at(y(tick))}" y2="${at(y(tick))}"/><text x="${CHART.left - 8}" y="${at(y(tick) + 4)}" text-anchor="end">${escapeXml(formatY(tick))}</text>`,
  );
  return [
    `<svg class="chart" viewBox="0 0 ${CHART.width} ${height}" role="img" aria-label="${escapeXml(name)}">`,
    `<g class="grid">${vertical.join("")}${horizontal.join("")}</g>`,
    marks,
    `<text class="axis" x="${(CHART.left + right) / 2}" y="${height - 8}" text-anchor="middle">${escapeXml(axes.x.label)}</text>`,
    `<text class="axis" x="${CHART.left}" y="${CHART.top - 3}" text-anchor="start">${escapeXml(axes.y.label)}</text>`,
    `</svg>`,
  ].join("");
}

function formatTick(value: number): string {
  return Math.abs(value) >= 10_000 ? value.toLocaleString("en-US") : String(value);
}

import { escapeXml } from "../escape-xml.js";
import { at, CHART } from "./frame.js";
import { linearScale } from "./scale.js";

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** The value as people read it, unit included. */
  readonly text: string;
}

const ROW = 24;
const NAME_WIDTH = 190;

/** Horizontal bars with their names and values written beside them. */
export function drawBarChart(name: string, bars: readonly Bar[]): string {
  const height = bars.length * ROW + 8;
  const largest = bars.reduce((a, bar) => Math.max(a, bar.value), 0);
  const x = linearScale([0, largest === 0 ? 1 : largest], [NAME_WIDTH, CHART.width - 110]);
  const rows = bars.map((bar, index) => {
    const y = index * ROW + 4;
    return `<g class="series s0"><title>${escapeXml(`${bar.name}: ${bar.text}`)}</title><rect x="${NAME_WIDTH}" y="${y}" width="${at(Math.max(1, x(bar.value) - NAME_WIDTH))}" height="${ROW - 8}"/><text x="${NAME_WIDTH - 8}" y="${y + 12}" text-anchor="end">${escapeXml(bar.name)}</text><text x="${at(x(bar.value) + 6)}" y="${y + 12}">${escapeXml(bar.text)}</text></g>`;
  });
  return `<svg class="chart" viewBox="0 0 ${CHART.width} ${height}" role="img" aria-label="${escapeXml(name)}">${rows.join("")}</svg>`;
}

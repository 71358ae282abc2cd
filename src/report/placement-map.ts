import type { Cluster } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { formatPercent, formatRate } from "./format-number.js";
import { groupNodes } from "./group-nodes.js";
import { SERIES } from "./series-colours.js";
import { escapeXml } from "./escape-xml.js";

/** Above this many nodes, like nodes share a row. */
const MOST_SINGLE_ROWS = 120;
const MARGIN = { left: 116, right: 96, top: 58, bottom: 34 };
const PLOT_WIDTH = 720;
/**
 * Placement map as SVG: one bar per node over the layers it holds, its filled part the share of its
 * capacity in use, one colour per machine type. Follows the reader's light or dark scheme.
 */
export function drawPlacementMap(cluster: Cluster, file: PlacementFile): string {
  const rows =
    file.nodes.length > MOST_SINGLE_ROWS ? groupRows(cluster, file) : nodeRows(cluster, file);
  const rowHeight = rows.length > 60 ? 9 : 15;
  const width = MARGIN.left + PLOT_WIDTH + MARGIN.right;
  const height = MARGIN.top + rows.length * rowHeight + MARGIN.bottom;
  const layers = file.model.layers;
  const x = (layer: number): number => MARGIN.left + (PLOT_WIDTH * layer) / layers;
  const bars = rows.map((node, row) => {
    const [start, end] = node.layers;
    const y = MARGIN.top + row * rowHeight;
    const used = node.capacity === 0 ? 0 : node.flow / node.capacity;
    const full = x(end) - x(start);
    const box = `y="${y + 1}" height="${rowHeight - 2}" x="${round(x(start))}"`;
    const title = `${node.name}: layers ${start} to ${end - 1}, ${formatRate(node.flow)} of ${formatRate(node.capacity)} tokens/s (${Math.round(100 * used)} %)`;
    return `<g class="m${node.machine % SERIES.light.length}"><title>${escapeXml(title)}</title><rect class="room" ${box} width="${round(full)}"/><rect class="used" ${box} width="${round(full * used)}"/><text x="${MARGIN.left - 6}" y="${y + rowHeight - 4}" text-anchor="end">${escapeXml(node.name)}</text><text x="${round(x(end) + 4)}" y="${y + rowHeight - 4}" class="soft">${Math.round(100 * used)} %</text></g>`;
  });
  const step = layers > 100 ? 20 : 10;
  const ticks = Array.from({ length: Math.floor(layers / step) + 1 }, (_, index) => index * step);
  const grid = ticks.map(
    (layer) =>
      `<line x1="${round(x(layer))}" x2="${round(x(layer))}" y1="${MARGIN.top}" y2="${height - MARGIN.bottom}"/><text x="${round(x(layer))}" y="${height - MARGIN.bottom + 14}" text-anchor="middle">${layer}</text>`,
  );
  const used = [...new Set(rows.map((node) => node.machine))].sort((a, b) => a - b);
  const legend = used.map(
    (machine, index) =>
      `<g class="m${machine % SERIES.light.length}"><rect class="used" x="${MARGIN.left + index * 88}" y="34" width="12" height="12"/><text x="${MARGIN.left + index * 88 + 17}" y="44">${escapeXml(cluster.machines[machine]!.name)}</text></g>`,
  );
  const headline = `${file.model.name} on ${file.cluster.name}: ${formatRate(file.throughput)} tokens/s, bound ${formatRate(file.upperBound)}, gap ${formatPercent(file.gap)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(headline)}">`,
    `<style>${style()}</style>`,
    `<text class="head" x="${MARGIN.left}" y="22">${escapeXml(headline)}</text>`,
    ...legend,
    `<g class="grid">${grid.join("")}</g>`,
    ...bars,
    `<text class="soft" x="${MARGIN.left + PLOT_WIDTH / 2}" y="${height - 6}" text-anchor="middle">layer; the filled part of a bar is the share of the node's capacity in use</text>`,
    `</svg>\n`,
  ].join("\n");
}

interface MapRow {
  readonly name: string;
  /** Index into the cluster's machines. */
  readonly machine: number;
  readonly layers: readonly [start: number, end: number];
  readonly capacity: number;
  readonly flow: number;
}

function nodeRows(cluster: Cluster, file: PlacementFile): readonly MapRow[] {
  const machineOf = new Map(cluster.nodes.map((node) => [node.id, node.machine]));
  return file.nodes
    .flatMap(({ id, layers, capacity, flow }) =>
      layers === null ? [] : [{ name: id, machine: machineOf.get(id)!, layers, capacity, flow }],
    )
    .sort((a, b) => a.layers[0] - b.layers[0] || a.layers[1] - b.layers[1]);
}

/** Like nodes share a row: what is legible of a large cluster. */
function groupRows(cluster: Cluster, file: PlacementFile): readonly MapRow[] {
  return groupNodes(cluster, file).flatMap(({ ids, machine, layers, capacity, flow }) =>
    layers === null
      ? []
      : [
          {
            name: `${ids.length} × ${cluster.machines[machine]!.name}`,
            machine,
            layers,
            capacity,
            flow,
          },
        ],
  );
}

function style(): string {
  const fills = (colours: readonly string[]): string =>
    colours.map((colour, index) => `.m${index} rect{fill:${colour}}`).join("");
  return `svg{background:#fff;font:11px system-ui,sans-serif}text{fill:#222}.head{font-weight:600;font-size:14px}.soft{fill:#666}.grid line{stroke:#ddd}.grid text{fill:#666}${fills(SERIES.light)}rect.room{opacity:.28}@media(prefers-color-scheme:dark){svg{background:#16181d}text{fill:#e6e6e6}.soft,.grid text{fill:#a0a4ab}.grid line{stroke:#333842}${fills(SERIES.dark)}rect.room{opacity:.4}}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

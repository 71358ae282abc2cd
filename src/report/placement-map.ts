import { printable } from "../core/printable.js";
import type { Cluster } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { asFile, stackDrawings, type Drawing } from "./chart/drawing.js";
import { bottomAxis, drawMarks } from "./chart/marks.js";
import { shortenAll, widestOf, widthOf } from "./chart/labels.js";
import { rect, text } from "./chart/plot.js";
import { formatCount, formatPercent, formatRate } from "./format-number.js";
import { groupNodes } from "./group-nodes.js";
import { legendOf } from "./machine-legend.js";
import { seriesColour, seriesOutline } from "./theme.js";

/** Above this many nodes, like nodes share a row. */
const MOST_SINGLE_ROWS = 120;
const GAP = 6;
const BOTTOM = 40;

/** Placement map as an SVG file: one bar per node over the layers it holds, its filled part what is used. */
export function drawPlacementMap(cluster: Cluster, file: PlacementFile): string {
  return asFile(stackDrawings(describeMap(file), [mapPlacement(cluster, file)]));
}

/**
 * The same for a page. Above 120 nodes, nodes of a type with the same layers share a bar.
 * @param file a placement of the cluster.
 */
export function mapPlacement(cluster: Cluster, file: PlacementFile): Drawing {
  const rows =
    file.nodes.length > MOST_SINGLE_ROWS ? groupRows(cluster, file) : nodeRows(cluster, file);
  const name = describeMap(file);
  const rowHeight = rows.length > 60 ? 15 : 18;
  const height = rows.length * rowHeight + GAP + BOTTOM;
  const legend = legendOf(cluster, rows);
  const right = widthOf("100.00 %") + GAP;
  return (width) => {
    const names = rows.map((row) => printable(row.name));
    const left = Math.min(widestOf(names) + GAP, Math.round(width / 4));
    const shown = shortenAll(names, left - GAP);
    const bars = rows.map(({ machine, layers: [start, end], capacity, flow, name: id }, index) => {
      const used = capacity === 0 ? 0 : flow / capacity;
      const top = index * rowHeight;
      return {
        start,
        end,
        filled: start + used * (end - start),
        y1: top + 1,
        y2: top + rowHeight - 2,
        middle: top + rowHeight / 2,
        fill: seriesColour(machine),
        outline: seriesOutline(machine),
        shown: shown[index]!,
        share: formatPercent(used),
        title: printable(
          `${id}: layers ${start} to ${end - 1}, ${formatRate(flow)} of ${formatRate(capacity)} tokens/s (${formatPercent(used)})`,
        ),
      };
    });
    const band = { y1: "y1", y2: "y2", x1: "start", fill: "fill", title: "title" } as const;
    const words = { y: "middle", lineAnchor: "middle" } as const;
    const outlined = bars.filter(({ outline }) => outline !== "none");
    const frame = {
      ...band,
      x2: "end",
      fill: "none",
      stroke: "outline",
      strokeWidth: 1.5,
    } as const;
    const outlines = outlined.length === 0 ? [] : [rect(outlined, frame)];
    return drawMarks({
      name,
      width,
      height,
      legend,
      margins: { top: 0, right, bottom: BOTTOM, left },
      plot: {
        x: { domain: [0, file.model.layers] },
        y: { axis: null, domain: [height - BOTTOM, 0] },
      },
      marks: [
        ...bottomAxis({ label: "layer", format: formatCount }),
        rect(bars, { ...band, x2: "end", fillOpacity: 0.3 }),
        rect(bars, { ...band, x2: "filled" }),
        ...outlines,
        text(bars, { ...words, x: () => 0, text: "shown", textAnchor: "end", dx: -GAP }),
        text(bars, {
          ...words,
          x: "end",
          text: "share",
          textAnchor: "start",
          dx: 4,
          fill: "var(--soft)",
        }),
      ],
    });
  };
}

function describeMap({ model, cluster, throughput, upperBound, gap }: PlacementFile): string {
  return `${model.name} on ${cluster.name}: ${formatRate(throughput)} tokens/s, bound ${formatRate(upperBound)}, gap ${formatPercent(gap)}`;
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
  return groupNodes(cluster, file).flatMap(({ ids, machine, layers, capacity, flow }) => {
    if (layers === null) return [];
    const name = `${ids.length} × ${cluster.machines[machine]!.name}`;
    return [{ name, machine, layers, capacity, flow }];
  });
}

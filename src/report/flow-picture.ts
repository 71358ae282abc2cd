import { printable } from "../core/printable.js";
import type { Cluster } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import type { Drawing } from "./chart/drawing.js";
import { bottomAxis, drawMarks } from "./chart/marks.js";
import { widthOf } from "./chart/labels.js";
import { link, rect, text, type Markish } from "./chart/plot.js";
import { formatCount, formatRate } from "./format-number.js";
import { groupNodes, type NodeGroup } from "./group-nodes.js";
import { legendOf } from "./machine-legend.js";
import { seriesColour, seriesOutline } from "./theme.js";

const LANE = 50;
/** Of a lane: below the name of its box. */
const MIDDLE = 31;
const BOTTOM = 40;
/** Thickness of the whole throughput. */
const FULL = 30;
/** Between a box and its neighbour, pixels. */
const GAP = 3;
const ENDS = { broad: 62, narrow: 16 };

interface Box extends NodeGroup {
  readonly start: number;
  readonly end: number;
  /** Pixels from the top. */
  readonly middle: number;
  readonly thickness: number;
  readonly tight: boolean;
}

/**
 * The flow through a placement: boxes are groups of like nodes over the layers they hold, as thick as the flow
 * they carry; ribbons are the flow from one to the next; what is in the minimum cut has a thick outline. Groups
 * that overlap lie in lanes below each other.
 */
export function drawFlow(cluster: Cluster, file: PlacementFile): Drawing {
  const { layers } = file.model;
  const { boxes, lanes } = layOut(cluster, file);
  const height = Math.max(1, lanes) * LANE + 4;
  const name = `Flow of ${formatRate(file.throughput)} tokens per second through ${boxes.length} groups of nodes`;
  return (width) => {
    const side = width < 500 ? ENDS.narrow : ENDS.broad;
    const perPixel = layers / (width - 2 * side);
    return drawMarks({
      name,
      width,
      height: height + BOTTOM,
      legend: legendOf(cluster, boxes),
      margins: { top: 0, right: side, bottom: BOTTOM, left: side },
      plot: {
        x: { domain: [0, layers] },
        y: { axis: null, domain: [height, 0] },
      },
      marks: [
        ...bottomAxis({ label: "layer", format: formatCount }),
        ...drawRibbons(file, boxes, GAP * perPixel),
        ...drawBoxes(cluster, boxes, perPixel),
        ...(side === ENDS.broad ? drawEnds(layers) : []),
      ],
    });
  };
}

function layOut(
  cluster: Cluster,
  file: PlacementFile,
): { readonly boxes: readonly Box[]; readonly lanes: number } {
  const binding = new Set(
    file.bottleneck.flatMap((arc) => (arc.node === undefined ? [] : [arc.node])),
  );
  const lanes: number[] = [];
  const boxes = groupNodes(cluster, file).flatMap((group): readonly Box[] => {
    if (group.layers === null || group.flow <= 0) return [];
    const [start, end] = group.layers;
    let lane = lanes.findIndex((busyUntil) => busyUntil <= start);
    if (lane < 0) lane = lanes.push(0) - 1;
    lanes[lane] = end;
    const middle = lane * LANE + MIDDLE;
    const tight = group.ids.some((id) => binding.has(id));
    return [{ ...group, start, end, middle, thickness: thicknessOf(group.flow, file), tight }];
  });
  return { boxes, lanes: lanes.length };
}

function thicknessOf(flow: number, { throughput }: PlacementFile): number {
  return throughput === 0 ? 1 : Math.max(1, (FULL * flow) / throughput);
}

function drawBoxes(cluster: Cluster, boxes: readonly Box[], perPixel: number): readonly Markish[] {
  const rows = boxes.map((box) => {
    const machine = cluster.machines[box.machine]!.name;
    const label = printable(`${box.ids.length === 1 ? "" : `${box.ids.length} × `}${machine}`);
    const { start, end, middle, thickness, tight, ids, flow, capacity } = box;
    const width = (end - start) / perPixel - 2 * GAP;
    const names = `${ids.slice(0, 6).join(", ")}${ids.length > 6 ? " …" : ""}`;
    return {
      x1: start + GAP * perPixel,
      x2: Math.max(end - GAP * perPixel, start + (GAP + 2) * perPixel),
      y1: middle - thickness / 2,
      y2: middle + thickness / 2,
      centre: (start + end) / 2,
      fill: seriesColour(box.machine),
      stroke: tight ? "var(--alarm)" : seriesOutline(box.machine),
      label: width > widthOf(label) ? label : "",
      title: printable(
        `${label}, layers ${start} to ${end - 1}: ${formatRate(flow)} of ${formatRate(capacity)} tokens/s${tight ? ", in the bottleneck" : ""} (${names})`,
      ),
    };
  });
  const place = { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: "fill", title: "title" } as const;
  return [
    rect(rows, { ...place, stroke: "stroke", strokeWidth: 2.5, rx: 2 }),
    text(rows, { x: "centre", y: "y1", dy: -8, text: "label" }),
  ];
}

/** What flows from one group to another, and between them and where requests come from and answers go. */
function drawRibbons(file: PlacementFile, boxes: readonly Box[], gap: number): readonly Markish[] {
  const boxOf = new Map(boxes.flatMap((box) => box.ids.map((id) => [id, box] as const)));
  const flows = new Map<string, { from: Box | undefined; to: Box | undefined; flow: number }>();
  for (const { from, to, flow } of file.links) {
    if (flow <= 0) continue;
    const [tail, head] = [boxOf.get(from), boxOf.get(to)];
    const key = JSON.stringify([tail?.ids[0], head?.ids[0]]);
    const entry = flows.get(key);
    if (entry === undefined) flows.set(key, { from: tail, to: head, flow });
    else entry.flow += flow;
  }
  const rows = [...flows.values()].map(({ from, to, flow }) => ({
    x1: from === undefined ? -2 * gap : from.end - gap,
    y1: from?.middle ?? MIDDLE,
    x2:
      to === undefined
        ? file.model.layers + 2 * gap
        : Math.max(to.start + gap, (from?.end ?? 0) + gap),
    y2: to?.middle ?? MIDDLE,
    thickness: thicknessOf(flow, file),
    title: `${formatRate(flow)} tokens/s`,
  }));
  return rows.map((row) =>
    link([row], {
      x1: "x1",
      y1: "y1",
      x2: "x2",
      y2: "y2",
      title: "title",
      curve: "bump-x",
      stroke: "var(--soft)",
      strokeOpacity: 0.25,
      strokeWidth: row.thickness,
    }),
  );
}

function drawEnds(layers: number): readonly Markish[] {
  const place = { y: () => MIDDLE, lineAnchor: "middle" } as const;
  return [
    text(["requests"], { ...place, x: () => 0, dx: -8, textAnchor: "end" }),
    text(["answers"], { ...place, x: () => layers, dx: 8, textAnchor: "start" }),
  ];
}

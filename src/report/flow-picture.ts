import type { Cluster } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { at } from "./chart/frame.js";
import { escapeXml } from "./escape-xml.js";
import { formatRate } from "./format-number.js";
import { groupNodes, type NodeGroup } from "./group-nodes.js";

const WIDTH = 1000;
const SIDE = 70;
const LANE = 46;
const TOP = 26;
const FULL = 30; // height of the whole throughput
const GAP = 3;

interface Box extends NodeGroup {
  readonly left: number;
  readonly right: number;
  readonly middle: number;
  readonly thickness: number;
  readonly tight: boolean;
}

/**
 * The flow through a placement as a picture: boxes are groups of like nodes over the layers they
 * hold, as thick as the flow they carry; ribbons are the flow from one to the next; what is in the
 * minimum cut has a thick outline. Groups that overlap lie in lanes below each other.
 */
export function drawFlowPicture(cluster: Cluster, file: PlacementFile): string {
  const scale = (layer: number): number => SIDE + ((WIDTH - 2 * SIDE) * layer) / file.model.layers;
  const thick = (flow: number): number =>
    file.throughput === 0 ? 1 : Math.max(1, (FULL * flow) / file.throughput);
  const binding = new Set(
    file.bottleneck.flatMap((arc) => (arc.node === undefined ? [] : [arc.node])),
  );
  const lanes: number[] = [];
  const boxes = groupNodes(cluster, file)
    .filter((group) => group.layers !== null && group.flow > 0)
    .map((group): Box => {
      const [start, end] = group.layers!;
      let lane = lanes.findIndex((busyUntil) => busyUntil <= start);
      if (lane < 0) lane = lanes.push(0) - 1;
      lanes[lane] = end;
      return {
        ...group,
        left: scale(start) + GAP,
        right: scale(end) - GAP,
        middle: TOP + lane * LANE + LANE / 2,
        thickness: thick(group.flow),
        tight: group.ids.some((id) => binding.has(id)),
      };
    });
  const height = TOP + Math.max(1, lanes.length) * LANE + 30;
  const boxOf = new Map(boxes.flatMap((box) => box.ids.map((id) => [id, box] as const)));
  const ribbons = drawRibbons(file, boxOf, thick, TOP + LANE / 2);
  const marks = boxes.map((box) => drawBox(cluster, box));
  const ends = [
    `<text x="4" y="${TOP + LANE / 2 + 4}">requests</text>`,
    `<text x="${WIDTH - 4}" y="${TOP + LANE / 2 + 4}" text-anchor="end">answers</text>`,
  ];
  const step = file.model.layers > 100 ? 20 : 10;
  const ticks = Array.from({ length: Math.floor(file.model.layers / step) + 1 }, (_, index) => {
    const x = at(scale(index * step));
    return `<line x1="${x}" x2="${x}" y1="${TOP - 8}" y2="${height - 26}"/><text x="${x}" y="${height - 10}" text-anchor="middle">${index * step}</text>`;
  });
  const name = `Flow of ${formatRate(file.throughput)} tokens per second through ${boxes.length} groups of nodes`;
  return `<svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeXml(name)}"><g class="grid">${ticks.join("")}</g>${ribbons}${marks.join("")}${ends.join("")}</svg>`;
}

function drawBox(cluster: Cluster, box: Box): string {
  const machine = cluster.machines[box.machine]!.name;
  const [start, end] = box.layers!;
  const count = box.ids.length === 1 ? "" : `${box.ids.length} × `;
  const title = `${count}${machine}, layers ${start} to ${end - 1}: ${formatRate(box.flow)} of ${formatRate(box.capacity)} tokens/s${box.tight ? ", in the bottleneck" : ""} (${box.ids.slice(0, 6).join(", ")}${box.ids.length > 6 ? " …" : ""})`;
  const width = Math.max(2, box.right - box.left);
  const label = `${count}${machine}`;
  const fits = width > label.length * 6.2;
  const text = fits
    ? `<text x="${at(box.left + width / 2)}" y="${at(box.middle - box.thickness / 2 - 4)}" text-anchor="middle">${escapeXml(label)}</text>`
    : "";
  return `<g class="series s${box.machine % 8}"><title>${escapeXml(title)}</title><rect${box.tight ? ' class="tight"' : ""} x="${at(box.left)}" y="${at(box.middle - box.thickness / 2)}" width="${at(width)}" height="${at(box.thickness)}" rx="2"/>${text}</g>`;
}

function drawRibbons(
  file: PlacementFile,
  boxOf: ReadonlyMap<string, Box>,
  thick: (flow: number) => number,
  endHeight: number,
): string {
  const flows = new Map<string, { from: Box | undefined; to: Box | undefined; flow: number }>();
  for (const { from, to, flow } of file.links) {
    if (flow <= 0) continue;
    const tail = boxOf.get(from);
    const head = boxOf.get(to);
    const key = `${tail?.ids[0] ?? ""} → ${head?.ids[0] ?? ""}`;
    const entry = flows.get(key);
    if (entry === undefined) flows.set(key, { from: tail, to: head, flow });
    else entry.flow += flow;
  }
  return [...flows.values()]
    .map(({ from, to, flow }) => {
      const [x1, y1] = from === undefined ? [52, endHeight] : [from.right, from.middle];
      const x2 = to === undefined ? WIDTH - 56 : Math.max(to.left, x1 + 2 * GAP);
      const y2 = to === undefined ? endHeight : to.middle;
      const half = thick(flow) / 2;
      const bend = (x1 + x2) / 2;
      const path = `M${at(x1)} ${at(y1 - half)}C${at(bend)} ${at(y1 - half)} ${at(bend)} ${at(y2 - half)} ${at(x2)} ${at(y2 - half)}L${at(x2)} ${at(y2 + half)}C${at(bend)} ${at(y2 + half)} ${at(bend)} ${at(y1 + half)} ${at(x1)} ${at(y1 + half)}Z`;
      return `<path class="ribbon" d="${path}"><title>${formatRate(flow)} tokens/s</title></path>`;
    })
    .join("");
}

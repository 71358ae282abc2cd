import { printable } from "../core/printable.js";
import type { Cluster, Part } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import type { Drawing } from "./chart/drawing.js";
import { drawMarks } from "./chart/marks.js";
import { shorten, widestOf, widthOf } from "./chart/labels.js";
import { rect, text } from "./chart/plot.js";
import { formatPercent, formatRate } from "./format-number.js";
import { legendOf } from "./machine-legend.js";
import { seriesColour, seriesOutline } from "./theme.js";

const ROW = 34;
const GAP = 6;

interface PlacedPart extends Part {
  readonly machine: number;
  readonly layers: readonly [start: number, end: number] | null;
  readonly capacity: number;
  readonly flow: number;
}

/** Machines with the same parts that hold the same layers. */
interface LikeMachines {
  readonly ids: readonly string[];
  readonly cards: number;
  readonly parts: readonly PlacedPart[];
}

/**
 * The cards inside the machines that are shared out: a row for machines that are alike, a square for a card, and
 * cards that work as one in one box with the layers they hold. Undefined where every machine is one node.
 */
export function drawMachines(cluster: Cluster, file: PlacementFile): Drawing | undefined {
  const rows = groupMachines(cluster, file);
  if (rows.length === 0) return undefined;
  const most = rows.reduce((a, { cards }) => Math.max(a, cards), 0);
  const names = rows.map(({ ids }) =>
    printable(ids.length === 1 ? ids[0]! : `${ids[0]} … (${ids.length})`),
  );
  const height = rows.length * ROW;
  const parts = rows.flatMap((row, index) => row.parts.map((part) => ({ ...part, index, row })));
  return (width) => {
    const left = Math.min(widestOf(names) + GAP, Math.round(width / 3));
    const perCard = Math.min(80, (width - left - GAP) / most);
    const boxes = parts.map(({ index, row, ...part }) => {
      const { first, count, machine, layers, flow, capacity } = part;
      const words = layers === null ? "empty" : `[${layers[0]}, ${layers[1]})`;
      const cards = count === 1 ? `card ${first}` : `cards ${first} to ${first + count - 1}`;
      const used = formatPercent(capacity === 0 ? 0 : flow / capacity);
      const outline = seriesOutline(machine);
      return {
        x1: first * perCard + 3,
        x2: (first + count) * perCard - 3,
        y1: index * ROW + 5,
        y2: (index + 1) * ROW - 5,
        middle: (index + 0.5) * ROW,
        fill: layers === null ? "none" : seriesColour(machine),
        stroke: outline === "none" ? seriesColour(machine) : outline,
        words: widthOf(words) < count * perCard - 6 ? words : "",
        title: printable(
          `${row.ids.join(", ")}, ${cards}: ${layers === null ? "no layers" : `layers ${layers[0]} to ${layers[1] - 1}, ${formatRate(flow)} of ${formatRate(capacity)} tokens/s together (${used})`}`,
        ),
      };
    });
    const frames = rows.map(({ cards, ids }, index) => ({
      x1: 0,
      x2: cards * perCard,
      y1: index * ROW + 1,
      y2: (index + 1) * ROW - 1,
      title: printable(ids.join(", ")),
    }));
    const place = { x1: "x1", x2: "x2", y1: "y1", y2: "y2" } as const;
    const middle = { y: "middle", lineAnchor: "middle" } as const;
    const inside = width - left;
    return drawMarks({
      name: "Cards that work as one inside their machines",
      width,
      height,
      legend: legendOf(cluster, parts),
      margins: { top: 0, right: 0, bottom: 0, left },
      plot: {
        x: { axis: null, domain: [0, inside], range: [left, width] },
        y: { axis: null, domain: [height, 0] },
      },
      marks: [
        rect(frames, {
          ...place,
          fill: "var(--panel)",
          stroke: "var(--line)",
          rx: 4,
          title: "title",
        }),
        rect(boxes, {
          ...place,
          fill: "fill",
          stroke: "stroke",
          fillOpacity: 0.35,
          rx: 3,
          title: "title",
        }),
        text(boxes, {
          ...middle,
          x: ({ x1, x2 }: { x1: number; x2: number }) => (x1 + x2) / 2,
          text: "words",
        }),
        text(names, {
          x: () => 0,
          y: (_: string, index: number) => (index + 0.5) * ROW,
          lineAnchor: "middle",
          text: (words: string) => shorten(words, left - GAP),
          textAnchor: "end",
          dx: -GAP,
        }),
      ],
    });
  };
}

function groupMachines(cluster: Cluster, file: PlacementFile): readonly LikeMachines[] {
  const placed = new Map(file.nodes.map((node) => [node.id, node]));
  const inHost = (cluster.hosts ?? []).map((): PlacedPart[] => []);
  for (const { id, machine, part } of cluster.nodes) {
    if (part === undefined) continue;
    const { layers = null, capacity = 0, flow = 0 } = placed.get(id) ?? {};
    inHost[part.host]!.push({ ...part, machine, layers, capacity, flow });
  }
  const groups = new Map<string, LikeMachines & { ids: string[]; parts: PlacedPart[] }>();
  for (const [host, parts] of inHost.entries()) {
    const { id, cards } = cluster.hosts![host]!;
    const key = JSON.stringify(
      parts.map(({ first, count, machine, layers }) => [first, count, machine, layers]),
    );
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ids: [id], cards, parts });
    else {
      group.ids.push(id);
      group.parts = group.parts.map((part, index) => ({
        ...part,
        capacity: part.capacity + parts[index]!.capacity,
        flow: part.flow + parts[index]!.flow,
      }));
    }
  }
  return [...groups.values()];
}

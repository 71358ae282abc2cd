import { printable } from "../../core/printable.js";
import { seriesColour } from "../theme.js";
import type { Drawing } from "./drawing.js";
import { bottomAxis, drawMarks, leftAxis, roomForTicks, type ChartAxis } from "./marks.js";
import { dot, line, type Markish } from "./plot.js";

export interface Series {
  readonly name: string;
  /** Ascending in x. */
  readonly points: readonly { readonly x: number; readonly y: number; readonly label?: string }[];
  /** "steps" holds a value until the next point; "line" joins points; "points" draws marks alone. */
  readonly kind: "line" | "steps" | "points";
  /** The line goes through the best so far, whatever other points there are. */
  readonly best?: "most" | "least";
}

/** More points than this are drawn small. */
const CROWDED = 50;
const HEIGHT = 300;

/** Lines or steps over a common pair of axes that begin at 0; every point carries its values as a title. */
export function drawLineChart(
  name: string,
  series: readonly Series[],
  axes: { readonly x: ChartAxis; readonly y: ChartAxis },
  height = HEIGHT,
): Drawing {
  const most = series.flatMap(({ points }) => points).reduce((a, { y }) => Math.max(a, y), 0);
  const left = roomForTicks(most, axes.y);
  return (width) =>
    drawMarks({
      name,
      width,
      height,
      margins: { top: 26, right: 20, bottom: 40, left },
      ...(series.length < 2
        ? {}
        : { legend: series.map((one, at) => ({ name: one.name, colour: seriesColour(at) })) }),
      plot: { x: { zero: true, nice: true }, y: { zero: true, nice: true } },
      marks: [
        ...bottomAxis(axes.x),
        ...leftAxis(axes.y, left),
        ...series.flatMap((one, index) => drawSeries(one, seriesColour(index), axes)),
      ],
    });
}

function drawSeries(
  { name, points, kind, best }: Series,
  colour: string,
  axes: { readonly x: ChartAxis; readonly y: ChartAxis },
): readonly Markish[] {
  const at = { x: "x", y: "y" } as const;
  const curve = kind === "steps" ? "step-after" : "linear";
  const path = { ...at, stroke: colour, strokeWidth: 2, curve } as const;
  return [
    kind === "points" ? null : line(best === undefined ? points : bestSoFar(points, best), path),
    dot(points, {
      ...at,
      fill: colour,
      r: points.length > CROWDED ? 1.5 : 3.5,
      title: ({ x, y, label }: Series["points"][number]) =>
        printable(label ?? `${name}: ${axes.y.format(y)} at ${axes.x.format(x)} ${axes.x.label}`),
    }),
  ];
}

function bestSoFar(points: Series["points"], best: "most" | "least"): Series["points"] {
  const better = best === "most" ? Math.max : Math.min;
  let so = points[0]?.y ?? 0;
  return points.map(({ x, y }) => ({ x, y: (so = better(so, y)) }));
}

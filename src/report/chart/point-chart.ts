import { printable } from "../../core/printable.js";
import { seriesColour } from "../theme.js";
import type { Drawing } from "./drawing.js";
import { bottomAxis, drawMarks, leftAxis, roomForTicks, type ChartAxis } from "./marks.js";
import { placeLabels, widthOf } from "./labels.js";
import { dot, link, text } from "./plot.js";

/** A point that is told from others by its name. */
export interface NamedPoint {
  readonly x: number;
  readonly y: number;
  readonly name: string;
  /** Everything there is to say of it. */
  readonly title: string;
}

const HEIGHT = 320;
const TOP = 30;
const BOTTOM = 44;
const RIGHT = 20;
/** Keeps names legible over lines. */
const HALO = { stroke: "var(--ground)", strokeWidth: 4, fill: "currentColor" } as const;

/** Points with their names beside them, as far as there is room, over axes that begin at 0. */
export function drawPointChart(
  name: string,
  points: readonly NamedPoint[],
  axes: { readonly x: ChartAxis; readonly y: ChartAxis },
  height = HEIGHT,
): Drawing {
  const most = (values: readonly number[]): number =>
    values.reduce((a, b) => Math.max(a, b), 0) || 1;
  const mostX = most(points.map(({ x }) => x));
  const mostY = 1.08 * most(points.map(({ y }) => y));
  const left = roomForTicks(mostY, axes.y);
  return (width) => {
    const perX = (width - left - RIGHT) / mostX;
    const perY = (height - TOP - BOTTOM) / mostY;
    const inPixels = points.map(({ x, y, name: words }) => ({
      x: left + x * perX,
      y: height - BOTTOM - y * perY,
      text: printable(words),
    }));
    const frame = { left, right: width, top: TOP, bottom: height - BOTTOM };
    const labels = placeLabels(inPixels, frame).flatMap((label, index): readonly Label[] => {
      if (label === undefined) return [];
      const { x, y } = points[index]!;
      const end = Math.sign(label.dx) * (Math.abs(label.dx) - widthOf(label.text) / 2);
      const [toX, toY] = [x + label.dx / perX, y - label.dy / perY];
      return [{ text: label.text, x, y, toX, toY, endX: x + end / perX, far: label.dy !== 0 }];
    });
    const shown = points.map((point) => ({ ...point, title: printable(point.title) }));
    const leads = labels.filter(({ far }) => far);
    return drawMarks({
      name,
      width,
      height,
      margins: { top: TOP, right: RIGHT, bottom: BOTTOM, left },
      plot: { x: { domain: [0, mostX] }, y: { domain: [0, mostY] } },
      marks: [
        ...bottomAxis(axes.x),
        ...leftAxis(axes.y, left),
        link(leads, { x1: "x", y1: "y", x2: "endX", y2: "toY", stroke: "var(--soft)" }),
        text(labels, { x: "toX", y: "toY", text: "text", lineAnchor: "middle", ...HALO }),
        dot(shown, { x: "x", y: "y", r: 4.5, fill: seriesColour(0), title: "title" }),
      ],
    });
  };
}

/** A name where it stands, in the units of the axes, and where a line to it ends. */
interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly toX: number;
  readonly toY: number;
  readonly endX: number;
  readonly far: boolean;
}

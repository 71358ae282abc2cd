import { printable } from "../../core/printable.js";
import { seriesColour } from "../theme.js";
import type { Drawing } from "./drawing.js";
import { drawMarks } from "./marks.js";
import { shorten, widestOf } from "./labels.js";
import { rect, text, type Markish } from "./plot.js";

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** The value as people read it, unit included. */
  readonly text: string;
  /** Absent: the same for all. */
  readonly colour?: string;
}

const ROW = 26;
/** With the name above its bar. */
const TALL_ROW = 40;
const GAP = 6;

/** Horizontal bars with their names beside them, above them where it is narrow, and their values behind them. */
export function drawBarChart(name: string, bars: readonly Bar[]): Drawing {
  return (width) => {
    const names = bars.map((bar) => printable(bar.name));
    const left = widestOf(names) + 2 * GAP;
    const above = left > width / 3;
    const row = above ? TALL_ROW : ROW;
    const rows = bars.map((bar, index) => ({
      ...bar,
      y1: index * row + (above ? 20 : 4),
      y2: (index + 1) * row - 4,
      shown: shorten(names[index]!, above ? width - GAP : left),
      title: printable(`${bar.name}: ${bar.text}`),
      fill: bar.colour ?? seriesColour(0),
    }));
    const height = bars.length * row + GAP;
    const right = widestOf(bars.map((bar) => bar.text)) + GAP;
    const largest = bars.reduce((most, { value }) => Math.max(most, value), 0);
    return drawMarks({
      name,
      width,
      height,
      margins: { top: 0, right, bottom: 0, left: above ? 0 : left },
      plot: {
        x: { axis: null, domain: [0, largest === 0 ? 1 : largest] },
        y: { axis: null, domain: [height, 0] },
      },
      marks: drawRows(rows, above),
    });
  };
}

interface Row {
  readonly value: number;
  readonly text: string;
  readonly y1: number;
  readonly y2: number;
  readonly shown: string;
  readonly title: string;
  readonly fill: string;
}

function drawRows(rows: readonly Row[], above: boolean): readonly Markish[] {
  const middle = ({ y1, y2 }: Row): number => (y1 + y2) / 2;
  const words = { x: () => 0, lineAnchor: "middle" } as const;
  return [
    rect(rows, { x1: () => 0, x2: "value", y1: "y1", y2: "y2", fill: "fill", title: "title" }),
    above
      ? text(rows, { ...words, y: ({ y1 }: Row) => y1 - 9, text: "shown", textAnchor: "start" })
      : text(rows, { ...words, y: middle, text: "shown", textAnchor: "end", dx: -GAP }),
    text(rows, { x: "value", y: middle, text: "text", textAnchor: "start", dx: GAP }),
  ];
}

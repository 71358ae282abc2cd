import { printable } from "../core/printable.js";
import type { PipelineRun } from "../training/simulate-pipeline.js";
import type { Drawing } from "./chart/drawing.js";
import { bottomAxis, drawMarks } from "./chart/marks.js";
import { shorten, widestOf, widthOf } from "./chart/labels.js";
import { rect, text } from "./chart/plot.js";
import { formatCount, formatSeconds } from "./format-number.js";
import { seriesColour } from "./theme.js";

const ROW = 26;
const BOTTOM = 40;
const GAP = 8;
const COLOUR = { forward: seriesColour(0), backward: seriesColour(1) } as const;

/**
 * The 1F1B schedule: a row per stage, a box per pass (forward and backward in two colours), numbered by
 * micro-batch where there is room.
 * @param labels one per stage.
 */
export function drawSchedule(labels: readonly string[], run: PipelineRun): Drawing {
  const names = labels.map(printable);
  const height = names.length * ROW;
  return (width) => {
    const left = Math.min(widestOf(names) + GAP, Math.round(width / 3));
    const perSecond = (width - left - GAP) / run.makespan;
    const boxes = run.events.map(({ stage, microBatch, pass, start, end }) => ({
      start,
      end,
      y1: stage * ROW + 2,
      y2: (stage + 1) * ROW - 2,
      middle: (stage + 0.5) * ROW,
      centre: (start + end) / 2,
      fill: COLOUR[pass],
      words: widthOf(String(microBatch)) < (end - start) * perSecond ? String(microBatch) : "",
      title: `${pass} ${microBatch}: ${formatSeconds(start)} to ${formatSeconds(end)} s`,
    }));
    const middle = { lineAnchor: "middle" } as const;
    return drawMarks({
      name: `Schedule of ${formatCount(names.length)} stages, ${formatSeconds(run.makespan)} s`,
      width,
      height: height + BOTTOM,
      legend: [
        { name: "forward", colour: COLOUR.forward },
        { name: "backward", colour: COLOUR.backward },
      ],
      margins: { top: 0, right: GAP, bottom: BOTTOM, left },
      plot: { x: { domain: [0, run.makespan] }, y: { axis: null, domain: [height, 0] } },
      marks: [
        ...bottomAxis({ label: "seconds", format: formatCount }),
        rect(boxes, {
          x1: "start",
          x2: "end",
          y1: "y1",
          y2: "y2",
          fill: "fill",
          stroke: "var(--ground)",
          strokeWidth: 0.5,
          title: "title",
        }),
        text(boxes, { ...middle, x: "centre", y: "middle", text: "words", fill: "var(--ground)" }),
        text(names, {
          ...middle,
          x: () => 0,
          y: (_: string, index: number) => (index + 0.5) * ROW,
          text: (name: string) => shorten(name, left - GAP),
          textAnchor: "end",
          dx: -GAP,
        }),
      ],
    });
  };
}

import { widestOf } from "./labels.js";
import { drawLegend, type LegendEntry } from "./legend.js";
import { axisX, axisY, gridX, gridY, plot, text, type Markish, type PlotOptions } from "./plot.js";
import { SvgDocument, type SvgElement } from "./svg-document.js";

const FONT_SIZE = 12;

export interface ChartAxis {
  readonly label: string;
  readonly format: (value: number) => string;
}

export interface DrawingOptions {
  /** What a screen reader says. */
  readonly name: string;
  readonly width: number;
  /** Of the part below the legend. */
  readonly height: number;
  readonly legend?: readonly LegendEntry[];
  readonly margins: {
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
    readonly left: number;
  };
  readonly plot: PlotOptions;
  readonly marks: readonly Markish[];
}

/** Marks as SVG, with a legend above them where there is one. */
export function drawMarks(options: DrawingOptions): string {
  const { name, width, margins, marks } = options;
  const legend = drawLegend(options.legend ?? [], width, margins);
  const svg = plot({
    ...options.plot,
    // The library asks for little of what a document of the web has.
    document: new SvgDocument() as never,
    width,
    height: options.height + legend.height,
    marginTop: margins.top + legend.height,
    marginRight: margins.right,
    marginBottom: margins.bottom,
    marginLeft: margins.left,
    marks: [...marks, ...legend.marks],
  }) as unknown as SvgElement;
  svg.setAttribute("class", "chart");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", name);
  svg.setAttribute("font-size", FONT_SIZE);
  return svg.write();
}

/** Axis and grid along the bottom. */
export function bottomAxis({ label, format }: ChartAxis): readonly Markish[] {
  return [
    gridX({ stroke: "var(--line)", strokeOpacity: 1 }),
    axisX({ label, labelArrow: "none", tickFormat: format, tickSize: 0, fill: "var(--soft)" }),
  ];
}

/** Axis and grid at the left, its label above it at the edge of the picture. */
export function leftAxis({ label, format }: ChartAxis, left: number): readonly Markish[] {
  const corner = { frameAnchor: "top-left", textAnchor: "start", fill: "var(--soft)" } as const;
  return [
    gridY({ stroke: "var(--line)", strokeOpacity: 1 }),
    axisY({ label: null, tickFormat: format, tickSize: 0, fill: "var(--soft)" }),
    text([label], { ...corner, dx: -left, dy: -20 }),
  ];
}

/** What the tick labels of an axis up to this value take, and what is between them and the axis. */
export function roomForTicks(most: number, { format }: ChartAxis): number {
  // The axis goes on to a round number, which may have a digit more: 10,000 above 9283.
  const power = most > 0 ? 10 ** Math.floor(Math.log10(most)) : 1;
  const top = most > 5 * power ? 10 * power : most;
  const ticks = [top, most, most / 4].map((value) => format(Number(value.toPrecision(2))));
  return Math.max(28, widestOf(ticks) + 12);
}

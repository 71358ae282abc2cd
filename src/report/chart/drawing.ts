import { escapeXml } from "../escape-xml.js";
import { THEME } from "../theme.js";
import { widestOf } from "./labels.js";
import { axisX, axisY, gridX, gridY, plot, text, type Markish, type PlotOptions } from "./plot.js";
import { SvgDocument, type SvgElement } from "./svg-document.js";
import { drawLegend, type LegendEntry } from "./legend.js";

/** A picture that draws itself as SVG in a width, in pixels. */
export type Drawing = (width: number) => string;

/** As wide as a column of a page, and as a phone. */
const BROAD = 800;
const NARROW = 350;
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
  const ticks = [most, most / 4].map((value) => format(Number(value.toPrecision(2))));
  return Math.max(28, widestOf(ticks) + 12);
}

/** For a page: drawn for a broad column and for a narrow one, of which the style sheet shows what fits. */
export function asPicture(drawing: Drawing): string {
  return `<div class="picture"><div class="broad">${drawing(BROAD)}</div><div class="narrow">${drawing(NARROW)}</div></div>`;
}

/** As an SVG file of its own, light or dark as its reader has it. */
export function asFile(drawing: Drawing, width = BROAD): string {
  const { light, dark } = THEME;
  const names = Object.keys(light) as readonly (keyof typeof light)[];
  const turned = names.map((name) =>
    ["fill", "stroke"].map((what) => `[${what}="${light[name]}"]{${what}:${dark[name]}}`).join(""),
  );
  const style = `<style>svg{background:${light.ground};color:${light.ink}}@media(prefers-color-scheme:dark){svg{background:${dark.ground};color:${dark.ink}}${turned.join("")}}</style>`;
  return drawing(width)
    .replaceAll(/var\(--([a-z0-9]+)\)/g, (_, name: keyof typeof light) => light[name])
    .replace(/^<svg ([^>]*)>/, `<svg xmlns="http://www.w3.org/2000/svg" $1>${style}`)
    .concat("\n");
}

const HEADLINE = 30;

/** Drawings below each other as one, under a headline. */
export function stackDrawings(headline: string, drawings: readonly Drawing[]): Drawing {
  const words = escapeXml(headline);
  return (width) => {
    let top = HEADLINE;
    const parts = drawings.map((drawing) => {
      const svg = drawing(width);
      const part = svg.replace(/^<svg /, `<svg y="${top}" `);
      top += Number(/ viewBox="0 0 [\d.]+ ([\d.]+)"/.exec(svg)![1]);
      return part;
    });
    return `<svg class="chart" role="img" aria-label="${words}" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}"><text x="4" y="19" font-family="system-ui, sans-serif" font-size="14" font-weight="600" fill="currentColor">${words}</text>${parts.join("")}</svg>`;
  };
}

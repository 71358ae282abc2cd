import { escapeXml } from "../escape-xml.js";
import { THEME } from "../theme.js";

/** A picture that draws itself as SVG in a width, in pixels. */
export type Drawing = (width: number) => string;

/** As wide as a column of a page, and as a phone. */
const BROAD = 800;
const NARROW = 350;

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

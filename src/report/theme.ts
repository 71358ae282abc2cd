/**
 * The colours of pages and pictures. `s0` to `s7` stand for machine types and series, by index: eight that stay
 * apart for colour-blind readers (after Okabe and Ito), dark enough on a light ground, light enough on a dark one.
 */
export const THEME = {
  light: {
    ground: "#ffffff",
    ink: "#1d2126",
    soft: "#5d6570",
    line: "#d9dde3",
    panel: "#f6f7f9",
    accent: "#0067a3",
    alarm: "#b3261e",
    s0: "#0072b2",
    s1: "#c77700",
    s2: "#007f5f",
    s3: "#a8477f",
    s4: "#3a93c9",
    s5: "#c2410c",
    s6: "#77771f",
    s7: "#882255",
  },
  dark: {
    ground: "#14171c",
    ink: "#e7e9ec",
    soft: "#a3abb6",
    line: "#333a44",
    panel: "#1c2027",
    accent: "#5cb3e6",
    alarm: "#ff8a80",
    s0: "#4aa8dd",
    s1: "#f0a33a",
    s2: "#3fc39b",
    s3: "#df8fbf",
    s4: "#8fd0f5",
    s5: "#ff8a5c",
    s6: "#c9c95a",
    s7: "#d98ab0",
  },
} as const;

/** The colour of a machine type or a series, by its index: the same in every picture of a page. */
export function seriesColour(index: number): string {
  return `var(--s${index % 8})`;
}

/** What tells a ninth machine type from the first, whose colour it has: an outline; "none" up to the eighth. */
export function seriesOutline(index: number): string {
  return index % 16 < 8 ? "none" : "var(--ink)";
}

/** The colours as a style sheet: light or dark as the reader has it, and light on paper. */
export const COLOURS = `:root{${declare(THEME.light)}}@media screen and (prefers-color-scheme:dark){:root{${declare(THEME.dark)}}}`;

/** Shows of every picture the drawing that fits. */
export const PICTURES = `.picture{container-type:inline-size;margin:.6em 0;max-width:920px}.narrow{display:none}@container(max-width:560px){.broad{display:none}.narrow{display:block}}
.chart{display:block;width:100%;height:auto}.chart text{white-space:pre}`;

function declare(colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(";");
}

import { printable } from "../core/printable.js";
import { largest } from "../core/extremes.js";
import { fitColumns, GAP } from "./fit-columns.js";
import { PLAIN, type TextStyle, type Tone } from "./text-style.js";
import { charactersOf, wrapWords } from "./wrap-text.js";

export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Left out before others where a line has no room for all. */
  readonly extra?: boolean;
  /** Names that people copy: never broken. */
  readonly whole?: boolean;
}

/** Characters of words that a column has where room is scarce: as many as its longest one, between these. */
const FEW = { least: 10, most: 24 };

/**
 * Rows as aligned plain text, the titles first. No trailing blanks. Where a line has not enough characters,
 * titles and words take several lines, then columns are left out, and that is said.
 * @param tones what a row is, by its position; undefined for most.
 */
export function formatTable(
  columns: readonly TableColumn[],
  texts: readonly (readonly string[])[],
  style: TextStyle = PLAIN,
  tones: readonly (Tone | undefined)[] = [],
): string {
  const rows = texts.map((row) => columns.map((_, index) => printable(row[index] ?? "")));
  const needs = columns.map(({ title, align, extra = false, whole = false }, index) => {
    const widest = largest(
      rows.map((row) => charactersOf(row[index]!)),
      1,
    );
    const word = largest(title.split(" ").map(charactersOf), 1);
    const least = Math.max(
      word,
      align === "right" || whole ? widest : Math.min(widest, longestWord(rows, index)),
    );
    const words = align !== "right";
    return { least, natural: Math.max(widest, charactersOf(title)), words, extra };
  });
  const { shown, widths } = fitColumns(needs, style.columns);
  const layOut = (cells: readonly string[], end: "top" | "bottom"): string => {
    const wrapped = shown.map((index) => wrapCell(cells[index]!, widths[index]!, index === 0));
    const height = largest(
      wrapped.map((lines) => lines.length),
      1,
    );
    return Array.from({ length: height }, (_, line) =>
      shown
        .map((index, at) => {
          const lines = wrapped[at]!;
          const text = lines[end === "top" ? line : line - height + lines.length] ?? "";
          const blanks = " ".repeat(Math.max(0, widths[index]! - charactersOf(text)));
          return columns[index]!.align === "right" ? blanks + text : text + blanks;
        })
        .join(" ".repeat(GAP))
        .trimEnd(),
    ).join("\n");
  };
  const titles = columns.map(({ title }) => title);
  const missing = titles.filter((_, index) => !shown.includes(index));
  const lines = rows.map((row, at) => {
    const tone = tones[at];
    return tone === undefined ? layOut(row, "top") : style.paint(tone, layOut(row, "top"));
  });
  return [layOut(titles, "bottom"), ...lines, ...describeMissing(missing, style)].join("\n");
}

/** Blanks before what goes on in the first column, so that no name can look like a line of its own. */
const HANGING = 2;

function wrapCell(text: string, width: number, first: boolean): readonly string[] {
  const lines = wrapWords(text, width);
  if (!first || lines.length === 1 || width <= 2 * HANGING) return lines;
  const [top = "", ...rest] = wrapWords(text, width - HANGING);
  return [top, ...rest.map((line) => " ".repeat(HANGING) + line)];
}

function longestWord(rows: readonly (readonly string[])[], column: number): number {
  const words = rows.flatMap((row) => row[column]!.split(/(?<=,)| /));
  return Math.min(FEW.most, largest(words.map(charactersOf), FEW.least));
}

function describeMissing(titles: readonly string[], { columns }: TextStyle): readonly string[] {
  if (titles.length === 0) return [];
  const text = `Left out of ${columns} columns: ${titles.join(", ")}. A wider terminal, COLUMNS=200 or --json shows all.`;
  return wrapWords(text, columns);
}

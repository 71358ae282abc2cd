import type { Place } from "./import-outcome.js";

/** A cell of a table with where it starts in the text. */
export interface Cell extends Place {
  readonly text: string;
}

/**
 * Rows of comma- (or semicolon- or tab-) separated text; quotes may enclose cells, doubled inside.
 * Blanks around cells, empty lines and lines that start with # are dropped. The separator is the
 * first of tab, semicolon, comma that the first line has. Linear in the text.
 */
export function parseCsv(text: string): readonly (readonly Cell[])[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const first = lines.find(isContent) ?? "";
  const separator = ["\t", ";", ","].find((mark) => first.includes(mark)) ?? ",";
  return lines.flatMap((line, index) =>
    isContent(line) ? [splitLine(line, index + 1, separator)] : [],
  );
}

function isContent(line: string): boolean {
  return line.trim() !== "" && !line.trimStart().startsWith("#");
}

function splitLine(line: string, number: number, separator: string): readonly Cell[] {
  const cells: Cell[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && line[at] === " ") at++;
    const start = at;
    let text = "";
    if (line[at] === '"') {
      at++;
      while (at < line.length && (line[at] !== '"' || line[at + 1] === '"')) {
        if (line[at] === '"') at++;
        text += line[at++];
      }
      at++;
    }
    const end = line.indexOf(separator, at);
    text += line.slice(at, end < 0 ? line.length : end).trim();
    cells.push({ text, line: number, column: start + 1 });
    if (end < 0) return cells;
    at = end + 1;
  }
}

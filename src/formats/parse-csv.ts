/** A cell of a table with where it starts in the text, both from 1. */
export interface Cell {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

const SEPARATORS = ["\t", ";", ","] as const;

/**
 * Rows of comma- (or semicolon- or tab-) separated text. Quotes may enclose cells, doubled inside,
 * line breaks too. Blanks around cells, empty lines and lines that start with # are dropped. The
 * separator is the first of tab, semicolon, comma that the first row has. Linear in the text.
 */
export function parseCsv(text: string): readonly (readonly Cell[])[] {
  const clean = text.replace(/^\uFEFF/, "");
  const separator = chooseSeparator(clean);
  const rows: Cell[][] = [];
  let row: Cell[] = [];
  let line = 1;
  let lineStart = 0;
  let at = 0;
  while (at <= clean.length) {
    if (row.length === 0 && clean[at] === "#") at = endOfLine(clean, at);
    while (clean[at] === " ") at++;
    const cell = { line, column: at - lineStart + 1 };
    let content = "";
    if (clean[at] === '"') {
      const close = closingQuote(clean, at);
      const quoted = clean.slice(at + 1, close);
      content = quoted.replaceAll('""', '"');
      for (const found of quoted.matchAll(/\r\n|\n|\r/g)) {
        line++;
        lineStart = at + 1 + found.index + found[0].length;
      }
      at = close + 1;
    }
    let end = at;
    while (end < clean.length && !isBreak(clean[end]!) && clean[end] !== separator) end++;
    row.push({ ...cell, text: content + clean.slice(at, end).trim() });
    at = end + 1;
    if (clean[end] === separator) continue;
    if (row.length > 1 || row[0]!.text !== "") rows.push(row);
    row = [];
    if (clean[end] === "\r" && clean[at] === "\n") at++;
    line++;
    lineStart = at;
  }
  return rows;
}

/** One cell of comma-separated text: quoted where it must be. */
export function toCsvCell(text: string): string {
  return /[",;\t\r\n]|^[#\s]|\s$|^$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function chooseSeparator(text: string): string {
  let first = "";
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') at = closingQuote(text, at);
    else if (!isBreak(text[at]!)) first += text[at]!;
    else if (saysSomething(first)) break;
    else first = "";
  }
  return SEPARATORS.find((mark) => saysSomething(first) && first.includes(mark)) ?? ",";
}

function saysSomething(line: string): boolean {
  return line.trim() !== "" && !line.trimStart().startsWith("#");
}

function closingQuote(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && (text[at] !== '"' || text[at + 1] === '"')) {
    at += text[at] === '"' ? 2 : 1;
  }
  return at;
}

function endOfLine(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isBreak(text[at]!)) at++;
  return at;
}

function isBreak(character: string): boolean {
  return character === "\n" || character === "\r";
}

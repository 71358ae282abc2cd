import { toCsvCell } from "../formats/parse-csv.js";
import { renderTable } from "./html/html-table.js";
import { formatTable } from "./table.js";
import type { TextStyle, Tone } from "./text-style.js";

/** One column of a table, said once for terminal, page and spreadsheet. */
export interface Column<Row> {
  readonly title: string;
  /** What is read. Without it the figure as it is. */
  readonly text: (row: Row) => string;
  /** The figure behind the text, undefined where there is none. Absent: a column of words. */
  readonly value?: (row: Row) => number | undefined;
  /** Words that may take several lines on a page. */
  readonly wraps?: true;
  /** Left out of a page until somebody asks for it. */
  readonly extra?: true;
}

/** What stands where a figure is missing. */
const NOTHING = "–";
/** Missing figures come last when a page sorts by falling value. */
const LEAST = -1;

function textOf<Row>({ text, value }: Column<Row>, row: Row): string {
  return value !== undefined && value(row) === undefined ? NOTHING : text(row);
}

export function columnsAsText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style?: TextStyle,
  tones?: readonly (Tone | undefined)[],
): string {
  return formatTable(
    columns.map(({ title, value, extra }) => ({
      title,
      align: value === undefined ? "left" : "right",
      extra: extra === true,
    })),
    rows.map((row) => columns.map((column) => textOf(column, row))),
    style,
    tones,
  );
}

export function columnsAsHtml<Row>(
  name: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string {
  return renderTable(
    name,
    columns.map(({ title, value, wraps, extra }) => ({
      title,
      numeric: value !== undefined,
      wraps: wraps === true,
      extra: extra === true,
    })),
    rows.map((row) =>
      columns.map((column) => {
        const text = textOf(column, row);
        return column.value === undefined ? text : { text, value: column.value(row) ?? LEAST };
      }),
    ),
  );
}

/** Figures in full, missing ones empty; words as they are read. */
export function columnsAsCsv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = (row: Row): readonly string[] =>
    columns.map(({ text, value }) => {
      if (value === undefined) return toCsvCell(text(row));
      return String(value(row) ?? "");
    });
  const lines = [columns.map(({ title }) => toCsvCell(title)), ...rows.map(cells)];
  return `${lines.map((line) => line.join(",")).join("\n")}\n`;
}

/** A column of figures: how the figure is found, how it is written. */
export function figures<Row>(
  title: string,
  value: (row: Row) => number | undefined,
  format: (value: number) => string,
): Column<Row> & { readonly value: (row: Row) => number | undefined } {
  return { title, value, text: (row) => format(value(row)!) };
}

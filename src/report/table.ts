import { printable } from "../core/printable.js";
import { largest } from "../core/extremes.js";
export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Rows as aligned plain text, one line each whatever is in the cells, the titles first. No trailing blanks. */
export function formatTable(
  columns: readonly TableColumn[],
  texts: readonly (readonly string[])[],
): string {
  const rows = texts.map((row) => row.map(printable));
  const widths = columns.map((column, index) =>
    largest(
      rows.map((row) => width(row[index] ?? "")),
      width(column.title),
    ),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? "";
        const blanks = " ".repeat(widths[index]! - width(cell));
        return column.align === "right" ? blanks + cell : cell + blanks;
      })
      .join("  ")
      .trimEnd();
  return [columns.map((column) => column.title), ...rows].map(line).join("\n");
}

/** Characters as seen, as code points. */
function width(text: string): number {
  return Array.from(text).length;
}

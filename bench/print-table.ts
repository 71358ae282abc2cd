import { styleOf } from "../src/cli/terminal-style.js";
import { formatTable, type TableColumn } from "../src/report/table.js";

/** Rows on standard output, as wide as the terminal is, or as COLUMNS says. */
export function printTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): void {
  console.log(formatTable(columns, rows, styleOf(process.stdout, process.env)));
}

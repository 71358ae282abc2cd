/**
 * Rows of a CSV text (RFC 4180: quotes, doubled quotes and line breaks inside quotes), with their
 * line numbers. Blank lines and lines that start with # are left out. Linear in the text.
 */
export function parseCsv(
  text: string,
): readonly { readonly line: number; readonly cells: readonly string[] }[] {
  const rows: { line: number; cells: string[] }[] = [];
  const clean = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const token = /"((?:[^"]|"")*)"|([^",\r\n][^,\r\n]*)|(,)|(\r\n|\n|\r)/y;
  let line = 1;
  let row: { line: number; cells: string[] } = { line, cells: [""] };
  const finish = (): void => {
    const blank = row.cells.length === 1 && row.cells[0]!.trim() === "";
    if (!blank && !row.cells[0]!.startsWith("#")) rows.push(row);
  };
  while (token.lastIndex < clean.length) {
    const at = token.lastIndex;
    const match = token.exec(clean);
    const [whole, quoted, plain, comma] = match ?? [clean[at]!, undefined, clean[at]!];
    if (match === null) token.lastIndex = at + 1;
    if (quoted !== undefined) row.cells[row.cells.length - 1] += quoted.replaceAll('""', '"');
    else if (plain !== undefined) row.cells[row.cells.length - 1] += plain;
    else if (comma !== undefined) row.cells.push("");
    line += whole.split(/\r\n|\n|\r/).length - 1;
    if (quoted !== undefined || plain !== undefined || comma !== undefined) continue;
    finish();
    row = { line, cells: [""] };
  }
  finish();
  return rows;
}

/** One CSV cell: quoted where it must be. */
export function toCsvCell(text: string): string {
  return /[",\r\n]|^[#\s]|\s$|^$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

import { escapeXml } from "../escape-xml.js";
import { scrollable } from "./page.js";

export interface HtmlColumn {
  readonly title: string;
  readonly numeric: boolean;
  /** Words that may take several lines. */
  readonly wraps: boolean;
  /** Not shown until it is chosen. */
  readonly extra: boolean;
}

/** A cell: what is read, and for numeric columns the value it is sorted by. */
export type HtmlCell = string | { readonly text: string; readonly value: number };

/** A table that sorts by its column heads and whose columns can be chosen, by mouse or keyboard. */
export function renderTable(
  name: string,
  columns: readonly HtmlColumn[],
  rows: readonly (readonly HtmlCell[])[],
): string {
  const kind = ({ numeric, wraps }: HtmlColumn): string =>
    numeric ? ' class="n"' : wraps ? ' class="t"' : "";
  const head = columns.map(
    (column) =>
      `<th scope="col"${kind(column)}${column.extra ? " data-extra" : ""}><button type="button">${escapeXml(column.title)}</button></th>`,
  );
  const body = rows.map((row) => {
    const cells = row.map((cell, index) => {
      const value = typeof cell === "string" ? "" : ` data-v="${cell.value}"`;
      const text = typeof cell === "string" ? cell : cell.text;
      return `<td${kind(columns[index]!)}${value}>${escapeXml(text)}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  return scrollable(
    name,
    `<table><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`,
  );
}

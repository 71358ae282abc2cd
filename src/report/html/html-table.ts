import { escapeXml } from "../escape-xml.js";
import { scrollable } from "./page.js";

export interface HtmlColumn {
  readonly title: string;
  readonly numeric?: boolean;
  /** Words that may take several lines. */
  readonly wraps?: boolean;
}

/** A cell: what is read, and for numeric columns the value it is sorted by. */
export type HtmlCell = string | { readonly text: string; readonly value: number };

/** A table that sorts by its column heads, by mouse or keyboard. */
export function renderTable(
  name: string,
  columns: readonly HtmlColumn[],
  rows: readonly (readonly HtmlCell[])[],
): string {
  const side = ({ numeric, wraps }: HtmlColumn): string =>
    numeric === true ? ' class="n"' : wraps === true ? ' class="t"' : "";
  const head = columns.map(
    (column) =>
      `<th scope="col"${side(column)}><button type="button">${escapeXml(column.title)}</button></th>`,
  );
  const body = rows.map((row) => {
    const cells = row.map((cell, index) => {
      const value = typeof cell === "string" ? "" : ` data-v="${cell.value}"`;
      const text = typeof cell === "string" ? cell : cell.text;
      return `<td${side(columns[index]!)}${value}>${escapeXml(text)}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  return scrollable(
    name,
    `<table><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`,
  );
}

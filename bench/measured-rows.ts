import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One row of a table of measurements. */
export interface MeasuredRow {
  readonly text: Readonly<Record<string, string>>;
  number(column: string): number;
  /** Rows of this half were fitted on; the other half shows what the fit is worth. */
  readonly fitted: boolean;
}

/**
 * The rows of FOLDER/name, none where there is no such file. Which half a row belongs to is the lowest
 * bit of the FNV-1a hash of its line: the same for everybody, and independent of the order.
 */
export function readMeasuredRows(folder: string, name: string): readonly MeasuredRow[] {
  let lines: string[];
  try {
    lines = readFileSync(join(folder, name), "utf8").split(/\r?\n/).filter(Boolean);
  } catch {
    return [];
  }
  const columns = lines[0]!.split(",");
  return lines.slice(1).map((line) => {
    const cells = line.split(",");
    const text = Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ""]));
    return { text, number: (column) => Number(text[column]), fitted: (fnv1a(line) & 1) === 0 };
  });
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}

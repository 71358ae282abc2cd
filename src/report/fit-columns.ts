/** A column as it is laid out: characters it needs at least, and where nothing is broken. */
export interface ColumnNeed {
  readonly least: number;
  readonly natural: number;
  /** Whether it holds words, which take what room is left before titles of figures do. */
  readonly words: boolean;
  /** Left out before others where there is no room. */
  readonly extra: boolean;
}

/** Which columns are shown, by position, and how wide. */
export interface FittedColumns {
  readonly shown: readonly number[];
  /** Of every column, shown or not. */
  readonly widths: readonly number[];
}

/** Blanks between two columns. */
export const GAP = 2;

/**
 * Columns for a line of so many characters: those that can be spared go first (`extra`, from the right), then
 * the last ones, never the first; room that is left goes to words, where least is missing first, then
 * to the titles of figures, to all or none. O(columns²).
 */
export function fitColumns(needs: readonly ColumnNeed[], columns: number): FittedColumns {
  let shown = needs.map((_, index) => index);
  const room = (): number =>
    columns - shown.reduce((sum, index) => sum + needs[index]!.least + GAP, -GAP);
  while (room() < 0 && shown.length > 1) {
    const spared = shown.findLast((index) => index > 0 && needs[index]!.extra) ?? shown.at(-1)!;
    shown = shown.filter((index) => index !== spared);
  }
  let left = Math.max(0, room());
  const widths = needs.map(({ least }) => least);
  const missing = (index: number): number => needs[index]!.natural - needs[index]!.least;
  const words = shown.filter((index) => needs[index]!.words);
  for (const index of words.toSorted((a, b) => missing(a) - missing(b))) {
    const more = Math.min(left, missing(index));
    widths[index]! += more;
    left -= more;
  }
  const titles = shown.filter((index) => !needs[index]!.words);
  const whole = titles.reduce((sum, index) => sum + missing(index), 0) <= left;
  if (whole) for (const index of titles) widths[index]! += missing(index);
  return { shown, widths };
}

import { wrapLine } from "./wrap-text.js";

/** What a colour means; texts say the same without it. */
export type Tone = "error" | "warning" | "best" | "bottleneck";

/** Where a text is going to be read. */
export interface TextStyle {
  /** Characters of a line; tables keep to them. */
  readonly columns: number;
  /** Whether sentences are broken there too: a terminal would break words, a pipe takes whole lines. */
  readonly wraps: boolean;
  readonly paint: (tone: Tone, text: string) => string;
}

/** A place of which nothing is known: tables of 80 characters, no colour. */
export const PLAIN: TextStyle = { columns: 80, wraps: false, paint: (_, text) => text };

/** What lines of ours begin with that say what to beware of. */
const WARNINGS = /^\s*(Note|assumed|ATTENTION|Overloaded|estimated)\b/i;
const BOTTLENECK = /^\s*bottleneck: /;

/**
 * A text for people as it is read there: sentences wrapped, warnings and bottlenecks painted, by the words that
 * lines of ours begin with. Linear.
 */
export function forPeople(text: string, { columns, wraps, paint }: TextStyle): string {
  const lines = text.split("\n").map((line) => {
    const shown = wraps ? wrapLine(line, columns) : line;
    if (WARNINGS.test(line)) return paint("warning", shown);
    return BOTTLENECK.test(line) ? paint("bottleneck", shown) : shown;
  });
  return lines.join("\n");
}

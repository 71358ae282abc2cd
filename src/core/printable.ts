/**
 * What can move the cursor, colour, rename or reorder what a terminal shows: control characters of C0 and C1,
 * separators of lines, and marks of writing direction (Unicode's Bidi_Control).
 */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
/** The same without line feeds and tabs, which texts of ours are made of. */
const UNSAFE_IN_TEXT = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** A name or value from outside on one line: unsafe characters in JSON's notation (`\u001b`). Linear. */
export function printable(text: string): string {
  return text.replace(UNSAFE, spell);
}

/** A whole text of ours, line feeds and tabs as they are. JSON stays the same JSON. Linear. */
export function printableText(text: string): string {
  return text.replace(UNSAFE_IN_TEXT, spell);
}

/**
 * Plain data with every string in it made printable, keys as they are: what a report starts from, so that no
 * name of a file can forge a line. Typed arrays, maps and other objects with a class stay themselves.
 */
export function printableData<T>(data: T): T {
  return convert(data) as T;
}

function convert(data: unknown): unknown {
  if (typeof data === "string") return printable(data);
  if (Array.isArray(data)) return data.map(convert);
  if (typeof data !== "object" || data === null) return data;
  const prototype: unknown = Object.getPrototypeOf(data);
  if (prototype !== Object.prototype && prototype !== null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, convert(value)]));
}

function spell(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

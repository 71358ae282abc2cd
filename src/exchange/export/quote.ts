/** For comments and tables: on one line, without control characters, in JSON's notation. */
export function quoteLine(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007F-\u009F\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A Markdown code span that the text cannot end; texts with control characters in JSON's notation. */
export function quoteMarkdown(text: string): string {
  const line = /^[^\p{C}\u2028\u2029]+$/u.test(text) ? text : quoteLine(text);
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = longest > 0 ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Markdown for a table cell. */
export function escapeCell(markdown: string): string {
  return markdown.replaceAll("|", String.raw`\|`);
}

/** A Python string literal, ASCII only. */
export function quotePython(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007F-\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

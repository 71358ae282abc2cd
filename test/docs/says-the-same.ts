/** What differs from run to run though nothing has changed: times taken. */
const TIMES = /\b(after|in|took) \d+(\.\d+)? s\b/g;

/** A line that stands for any number of lines, or ends a line that goes on. */
const REST = "…";

/**
 * Whether a page prints what a command printed: times aside, and with `…` for lines, or the rest of
 * a line, that the page leaves out.
 */
export function saysTheSame(printed: string, actual: string): boolean {
  const plain = (text: string): string => text.replace(TIMES, "$1 0 s").trim();
  const lines = plain(printed)
    .split("\n")
    .map((line) => line.trimEnd());
  const pattern = lines
    .map((line) => {
      if (line.trim() === REST) return "(?:.*\\n)*?";
      const rest = line.endsWith(` ${REST}`);
      return `${escape(rest ? line.slice(0, -REST.length) : line)}${rest ? ".*" : " *"}\\n`;
    })
    .join("");
  return new RegExp(`^${pattern}$`).test(`${plain(actual)}\n`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

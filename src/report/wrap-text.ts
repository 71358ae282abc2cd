/** Characters as seen, as code points; sequences that colour take no room. */
export function charactersOf(text: string): number {
  // oxlint-disable-next-line no-control-regex -- colours of ours begin with it
  return Array.from(text.replace(/\u001B\[\d+m/g, "")).length;
}

/**
 * A text in lines of at most `columns` characters, broken after blanks and commas where that is possible.
 * Linear in the text.
 */
export function wrapWords(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=[ ,])/).flatMap((piece) => cut(piece, columns))) {
    if (line !== "" && charactersOf((line + word).trimEnd()) > columns) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += word;
  }
  return [...lines, line.trimEnd()];
}

/** A sentence that is longer than a line, with what follows a little further in. Shorter ones as they are. */
export function wrapLine(line: string, columns: number): string {
  if (charactersOf(line) <= columns) return line;
  const indent = /^ */.exec(line)![0];
  const room = Math.max(1, columns - indent.length - 2);
  const [first = "", ...rest] = wrapWords(line.trimStart(), room);
  return [indent + first, ...rest.map((part) => `${indent}  ${part}`)].join("\n");
}

/** What no line holds, in pieces that one does: after hyphens and slashes where that is enough. */
function cut(word: string, columns: number): readonly string[] {
  if (charactersOf(word.trimEnd()) <= columns) return [word];
  return word.split(/(?<=[-/_])/).flatMap((part) => {
    const characters = Array.from(part);
    const pieces: string[] = [];
    for (let at = 0; at < characters.length; at += columns)
      pieces.push(characters.slice(at, at + columns).join(""));
    return pieces;
  });
}

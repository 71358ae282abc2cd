const OPENERS = /[=:,[({\s]/;

/**
 * The words of a launch script, a compose file, a manifest or any JSON, comments left out and quotes taken
 * off: `#` counts where a word begins, quotes where something can begin, a backslash takes the next
 * character as it is and joins lines. A quote that does not end on its line is a character. O(length).
 */
export function readWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  const end = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    const before = at === 0 ? "\n" : text[at - 1]!;
    if (character === "#" && word === undefined) {
      const next = text.indexOf("\n", at);
      at = next < 0 ? text.length : next;
    } else if (character === "\\") {
      at += 1;
      if (text[at] === "\r" && text[at + 1] === "\n") at += 1;
      else if (text[at] !== "\n") word = (word ?? "") + (text[at] ?? "");
    } else if ((character === '"' || character === "'") && OPENERS.test(before)) {
      const close = closing(text, at);
      if (close < 0) word = (word ?? "") + character;
      else {
        word = (word ?? "") + text.slice(at + 1, close);
        at = close;
      }
    } else if (/[\s;|&]/.test(character)) end();
    else word = (word ?? "") + character;
  }
  end();
  return words;
}

/** Where the quote at a position ends on its line; −1 where it does not. */
function closing(text: string, at: number): number {
  for (let end = at + 1; end < text.length && text[end] !== "\n"; end += 1) {
    if (text[end] === "\\" && text[at] === '"') end += 1;
    else if (text[end] === text[at]) return end;
  }
  return -1;
}

/** The value of an option: `--name value` or `--name=value`; the last one, which is the one that counts. */
export function optionValue(
  words: readonly string[],
  ...names: readonly string[]
): string | undefined {
  let found: string | undefined;
  words.forEach((word, index) => {
    for (const name of names) {
      if (word === name) found = words[index + 1];
      else if (word.startsWith(`${name}=`)) found = word.slice(name.length + 1);
    }
  });
  return found?.replace(/,$/, "");
}

/** Every list of whole numbers that stands behind a name: `NAME=1,2`, `NAME: [1, 2]`, or a YAML list. */
export function listsAfter(words: readonly string[], name: RegExp): readonly (readonly number[])[] {
  return words.flatMap((word, index) => {
    const match = name.exec(word);
    if (match === null) return [];
    const rest = word.slice(match.index + match[0].length);
    const numbers: number[] = [];
    for (let position = 0; index + position < words.length; position += 1) {
      const bare = (position === 0 ? rest : words[index + position]!).replace(/^[[\s=:]+/, "");
      if (position > 0 && numbers.length === 0 && /^-?$|^value:$/.test(bare)) continue;
      if (bare === "" && position === 0) continue;
      if (bare === "-" && numbers.length > 0) continue;
      const list = /^(\d+(?:\s*,\s*\d+)*)(\s*,)?\s*([\]})]*)/.exec(bare);
      if (list === null) break;
      numbers.push(...list[1]!.split(",").map(Number));
      const goesOn = list[2] !== undefined && list[3] === "";
      const yaml = words[index + position + 1] === "-";
      if (!goesOn && !yaml) break;
    }
    return numbers.length === 0 ? [] : [numbers];
  });
}

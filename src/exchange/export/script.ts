import type { Chain } from "./chains.js";
import { quoteShell } from "../../core/quote-shell.js";
import { quoteLine } from "./quote.js";

/** A word of a command: data, which is quoted, or shell text that stays as it is. */
type Word = string | { readonly shell: string };

/** The words of a command in order; a nested list stands on one line. */
export type Words = readonly (Word | readonly Word[])[];

/**
 * A bash script that replaces itself by one command. Every word is quoted.
 * @param before lines of shell that run first.
 */
export function writeScript(
  about: readonly string[],
  environment: Readonly<Record<string, string>>,
  command: Words,
  before: readonly string[] = [],
): string {
  const comments = about.map((line) => `# ${line}\n`).join("");
  const exports = Object.entries(environment)
    .map(([name, value]) => `export ${name}=${quoteShell(value)}\n`)
    .join("");
  return `#!/usr/bin/env bash\n${comments}set -euo pipefail\n${exports}${before.map((line) => `${line}\n`).join("")}exec ${joinWords(command)} "$@"\n`;
}

function joinWords(words: Words): string {
  return words
    .map((word) => (isList(word) ? word.map(quoteWord).join(" ") : quoteWord(word)))
    .join(" \\\n  ");
}

function isList(word: Word | readonly Word[]): word is readonly Word[] {
  return Array.isArray(word);
}

function quoteWord(word: Word): string {
  return typeof word === "string" ? quoteShell(word) : word.shell;
}

/** The line that `import --placement` reads back. */
export function stageComment(chain: Chain, rank: number): string {
  const { id, layers } = chain.stages[rank]!;
  return `helix-place ${chain.name} rank ${rank} of ${chain.stages.length} layers ${layers[0]}:${layers[1]} node ${quoteLine(id)}`;
}

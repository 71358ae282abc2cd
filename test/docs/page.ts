import { readdirSync, readFileSync } from "node:fs";

/** A fenced block of a page. */
export interface Block {
  /** What stands behind the fence: `console`, `sh`, `json` and so on. */
  readonly language: string;
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** The comment right above: `<!-- file: cluster.json -->`, `<!-- not run: why -->`. */
  readonly remark: string | undefined;
}

/** A command of a console block and what it prints there. */
export interface ConsoleStep {
  readonly command: string;
  readonly printed: string;
}

/** All pages that people read, decisions aside: those are of their day. */
export function listPages(): readonly string[] {
  const pages = readdirSync("docs").filter((name) => name.endsWith(".md"));
  return ["README.md", "CONTRIBUTING.md", ...pages.map((name) => `docs/${name}`)];
}

/** The fenced blocks of a page, in order. */
export function readBlocks(page: string): readonly Block[] {
  const lines = readFileSync(page, "utf8").split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const language = /^```(\S*)/.exec(lines[at]!)?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    if (end === -1) throw new Error(`${page}:${at + 1}: a block without an end`);
    const text = lines.slice(at + 1, end).join("\n");
    blocks.push({ language, text, line: at + 1, remark: remarkAbove(lines, at) });
    at = end;
  }
  return blocks;
}

/** A comment that ends on the last line of text above the fence. */
function remarkAbove(lines: readonly string[], fence: number): string | undefined {
  let last = fence - 1;
  while (last >= 0 && lines[last]!.trim() === "") last -= 1;
  const start = lines.slice(0, last + 1).findLastIndex((line) => line.startsWith("<!--"));
  const comment = start === -1 ? "" : lines.slice(start, last + 1).join(" ");
  return /^<!-- (.*) -->$/.exec(comment)?.[1];
}

/** `$ command` lines, continued by a backslash, each with the lines that follow it. */
export function readSteps({ text }: Block): readonly ConsoleStep[] {
  const steps: { command: string[]; printed: string[] }[] = [];
  for (const line of text.split("\n")) {
    const open = steps.at(-1);
    if (line.startsWith("$ ")) steps.push({ command: [line.slice(2)], printed: [] });
    else if (open === undefined) throw new Error(`no command before: ${line}`);
    else if (open.printed.length === 0 && open.command.at(-1)!.endsWith("\\"))
      open.command.push(line);
    else open.printed.push(line);
  }
  return steps.map(({ command, printed }) => ({
    command: command.join("\n"),
    printed: printed.join("\n"),
  }));
}

/** A block with other outputs. */
export function writeSteps(steps: readonly ConsoleStep[]): string {
  return steps
    .map(({ command, printed }) => `$ ${command}${printed === "" ? "" : `\n${printed}`}`)
    .join("\n");
}

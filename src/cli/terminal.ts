import { quoteShell } from "../core/quote-shell.js";
import { forPeople, PLAIN, type TextStyle } from "../report/text-style.js";
import { wrapLine } from "../report/wrap-text.js";

/**
 * What it means when standard output takes no more. "costly" (it took long to find): the text is kept in a
 * file, exit code 2. "text" (the default): exit code 2, but a reader that has seen enough is no fault.
 * "spoken" (the exit code says it too): nothing.
 */
export type Worth = "costly" | "text" | "spoken";

/** The world around the command line: what `main` gets from the process, and tests replace. */
export interface Terminal {
  /** Results only. */
  readonly out: (text: string, worth?: Worth) => void;
  /** Progress, summaries, errors. */
  readonly err: (text: string) => void;
  /** How `out` and `err` are read, each on its own; absent: nothing is known of them. */
  readonly styles?: { readonly out: TextStyle; readonly err: TextStyle };
  /** Whether `err` is a terminal that a line can be rewritten on. */
  readonly interactive: boolean;
  /** Takes back the unfinished line of `err`, where it is a terminal. */
  readonly clearLine?: () => void;
  readonly readStandardInput: () => Promise<Uint8Array>;
  /** Aborted by the first interrupt. */
  readonly signal: AbortSignal;
  /** Unique among running processes. */
  readonly processId: number;
}

/** Exit codes, as other programs rely on them (docs/cli.md). */
export const EXIT = {
  done: 0,
  no: 1,
  input: 2,
  solver: 3,
  bug: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What a command gets to work with and through which it sets its exit code. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** The arguments as given, for reports that say how they were made. */
  readonly argv?: readonly string[];
  /** The program's exit code; the last call wins. */
  exit(code: ExitCode): void;
}

/** How a stream of the terminal is read. */
export function styleFor({ styles }: Terminal, stream: "out" | "err"): TextStyle {
  return styles?.[stream] ?? PLAIN;
}

/** Results for people (not for programs) to standard output, as they are read there. */
export function show(terminal: Terminal, text: string, worth?: Worth): void {
  terminal.out(forPeople(text, styleFor(terminal, "out")), worth);
}

/** Says why there is no result. */
export function complain(terminal: Terminal, text: string): void {
  const { columns, wraps, paint } = styleFor(terminal, "err");
  const lines = text.split("\n").map((line) => (wraps ? wrapLine(line, columns) : line));
  terminal.err(`${paint("error", lines.join("\n").trimEnd())}\n`);
}

/** Says at the first interrupt that the work is being brought to an end, and with what. */
export function announceInterrupt({ terminal }: CommandContext): void {
  const say = (): void => terminal.err("\nInterrupted: finishing with the best so far.\n");
  terminal.signal.addEventListener("abort", say, { once: true });
}

/** The command line as a person would type it again. */
export function describeCommand(context: CommandContext): string {
  return ["helix-place", ...(context.argv ?? [])].map(quoteShell).join(" ");
}

import { run } from "../../src/cli/run.js";
import type { ExitCode } from "../../src/cli/terminal.js";

/** What a run of the command line left behind. */
export interface CliRun {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** The command line in this process, without worker threads (they need the built files). */
export async function runCli(
  argv: readonly string[],
  world: { readonly input?: string | Uint8Array; readonly signal?: AbortSignal } = {},
): Promise<CliRun> {
  let out = "";
  let err = "";
  const input = world.input ?? "";
  const code = await run(argv, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    interactive: false,
    readStandardInput: async () =>
      typeof input === "string" ? new TextEncoder().encode(input) : input,
    signal: world.signal ?? new AbortController().signal,
    processId: 1,
  });
  return { code, out, err };
}

/** One problem as the command line prints it. */
export interface PrintedProblem {
  readonly path: string;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
}

const BLOCK = /^(.+)\n {2}found {5}(.*)\n {2}expected {2}(.*)\n {2}remedy {4}(.*)$/gm;

/** The problems printed about one source, with their paths inside it. */
export function readProblems(source: string, err: string): readonly PrintedProblem[] {
  return [...err.matchAll(BLOCK)].map(([, place, found, expected, remedy]) => ({
    path: place!.startsWith(`${source}: `) ? place!.slice(source.length + 2) : "",
    found: found!,
    expected: expected!,
    remedy: remedy!,
  }));
}

/** Whether the text has a line of a stack trace in it. */
export function hasStackTrace(text: string): boolean {
  return /^\s+at .+:\d+:\d+\)?$/m.test(text) || text.includes("This is a bug");
}

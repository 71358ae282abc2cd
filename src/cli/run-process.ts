import { isStandardOutputClosed, keepText } from "../node/standard-streams.js";
import { run } from "./run.js";
import { openStandardOutput } from "./standard-output.js";
import { styleOf } from "./terminal-style.js";
import type { ExitCode, Terminal } from "./terminal.js";

const CLEAR_LINE = "\r\u001B[2K";

/** @throws the signal's reason at an interrupt: input that never ends must not keep the program. */
async function readStandardInput(signal: AbortSignal): Promise<Buffer> {
  signal.throwIfAborted();
  const stop = (): void => void process.stdin.destroy(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  signal.removeEventListener("abort", stop);
  return Buffer.concat(chunks);
}

/**
 * Runs the command line with the arguments and streams of the process.
 * @param signal aborted by the first interrupt.
 * @returns the exit code, when everything written has gone out or failed.
 */
export async function runProcess(signal: AbortSignal): Promise<ExitCode> {
  const say = (text: string): void => void process.stderr.write(text);
  const output = openStandardOutput({
    stream: process.stdout,
    closed: isStandardOutputClosed(),
    keep: (text) => keepText(text, String(process.pid)),
    complain: say,
  });
  let input: Promise<Buffer> | undefined;
  const terminal: Terminal = {
    out: output.write,
    err: say,
    styles: {
      out: styleOf(process.stdout, process.env),
      err: styleOf(process.stderr, process.env),
    },
    interactive: process.stderr.isTTY,
    clearLine: () => say(CLEAR_LINE),
    // Constraints are looked into for the nodes that they name before they are read in whole.
    readStandardInput: () => (input ??= readStandardInput(signal)),
    signal,
    processId: process.pid,
  };
  const code = await output.settle(await run(process.argv.slice(2), terminal));
  await new Promise<void>((resolve) => void process.stderr.write("", () => resolve()));
  return code;
}

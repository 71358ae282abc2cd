#!/usr/bin/env node
import { isStandardOutputClosed, keepText } from "../node/standard-streams.js";
import { run } from "./run.js";
import { openStandardOutput } from "./standard-output.js";
import { EXIT, type Terminal } from "./terminal.js";

const CLEAR_LINE = "\r\u001B[2K";

const interrupt = new AbortController();
let interrupts = 0;
const onInterrupt = (): void => {
  interrupts++;
  // The first one ends the work and keeps the best answer; a second one does not wait for that.
  if (interrupts > 1) process.exit(EXIT.interrupted);
  interrupt.abort();
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onInterrupt);
process.on("SIGXFSZ", () => undefined); // a file beyond its limit is an error of its write (EFBIG)
process.stderr.on("error", () => undefined); // nobody listens: nothing changes

async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const say = (text: string): void => void process.stderr.write(text);
const output = openStandardOutput({
  stream: process.stdout,
  closed: isStandardOutputClosed(),
  keep: (text) => keepText(text, String(process.pid)),
  complain: say,
});
const terminal: Terminal = {
  out: output.write,
  err: say,
  interactive: process.stderr.isTTY,
  clearLine: () => say(CLEAR_LINE),
  readStandardInput,
  signal: interrupt.signal,
  processId: process.pid,
};

process.exitCode = await output.settle(await run(process.argv.slice(2), terminal));

#!/usr/bin/env node
import { run } from "./run.js";
import { EXIT, type Terminal } from "./terminal.js";

const interrupt = new AbortController();
let interrupts = 0;
const onInterrupt = (): void => {
  interrupts++;
  // The first one ends the work and keeps the best answer; a second one does not wait for that.
  if (interrupts > 1) process.exit(EXIT.interrupted);
  interrupt.abort();
};
process.on("SIGINT", onInterrupt);
process.on("SIGTERM", onInterrupt);
// A reader that closes the pipe early (head, a pager) is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(process.exitCode ?? EXIT.done);
  throw error;
});

async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY,
  readStandardInput,
  signal: interrupt.signal,
  processId: process.pid,
};

process.exitCode = await run(process.argv.slice(2), terminal);

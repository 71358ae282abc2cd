#!/usr/bin/env node
// Nothing is imported before the handlers stand: an interrupt while modules load counts like any other.
const INTERRUPTED = 130; // EXIT.interrupted of terminal.ts

const interrupt = new AbortController();
let interrupts = 0;
const onInterrupt = (): void => {
  interrupts++;
  // The first one ends the work and keeps the best answer; a second one does not wait for that.
  if (interrupts > 1) process.exit(INTERRUPTED);
  interrupt.abort();
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onInterrupt);
process.on("SIGXFSZ", () => undefined); // a file beyond its limit is an error of its write (EFBIG)
process.stderr.on("error", () => undefined); // nobody listens: nothing changes

const { runProcess } = await import("./run-process.js");
// Ends here and now: while Node puts itself away, handlers are gone already, and what is done would look killed.
process.exit(await runProcess(interrupt.signal));

import { InputError } from "../core/errors.js";
import { keepText } from "../node/standard-streams.js";
import { writeWhole } from "../node/write-whole.js";
import type { Terminal } from "./terminal.js";

/**
 * Brings a result that took long to find where it was asked for: into a file, or to standard output where none
 * is named (or `-`). Where the file takes it no more, it is kept in another, and that is said.
 * @throws InputError when the file could not be written.
 */
export async function deliver(
  text: string,
  output: string | undefined,
  terminal: Terminal,
): Promise<void> {
  if (output === undefined || output === "-") return terminal.out(text, "costly");
  const unique = String(terminal.processId);
  try {
    await writeWhole(output, text, unique);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const place = await keepText(text, unique);
    if (place === undefined) terminal.out(text, "costly");
    terminal.err(`The result is kept: ${place ?? "on standard output"}\n`);
    throw error;
  }
}

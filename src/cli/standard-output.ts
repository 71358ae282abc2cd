import { EXIT, type ExitCode, type Worth } from "./terminal.js";

/** A stream as the process has it. */
interface Stream {
  write(text: string, done?: (error?: Error | null) => void): unknown;
  on(event: "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** Standard output: what is written, and what became of it. */
export interface StandardOutput {
  readonly write: (text: string, worth?: Worth) => void;
  /** Waits until everything has gone out or failed. The exit code, which a failure makes 2. */
  readonly settle: (code: ExitCode) => Promise<ExitCode>;
}

/** What standard output needs of the world. */
export interface StandardOutputWorld {
  readonly stream: Stream;
  /** Standard output was closed when the program started. */
  readonly closed: boolean;
  /** Keeps a text in a file; undefined where no place takes it. */
  readonly keep: (text: string) => Promise<string | undefined>;
  readonly complain: (text: string) => void;
}

/** Standard output that loses nothing that took long to find: see `Worth`. */
export function openStandardOutput(world: StandardOutputWorld): StandardOutput {
  const { stream, closed, complain } = world;
  let costly = "";
  let missed = false;
  let failure: NodeJS.ErrnoException | undefined;
  stream.on("error", (error) => (failure ??= error));
  return {
    write(text, worth = "text") {
      if (worth === "costly") costly += text;
      if (worth !== "spoken") missed ||= closed;
      if (failure === undefined) stream.write(text);
    },
    async settle(code) {
      const last = await new Promise<Error | null | undefined>((resolve) => {
        stream.write("", resolve);
      });
      failure ??= last ?? undefined;
      if (failure === undefined && !missed) return code;
      const seenEnough = failure?.code === "EPIPE" && !missed;
      if (costly !== "") complain(describeKept(reasonOf(failure), await world.keep(costly)));
      else if (!seenEnough) complain(`${reasonOf(failure)}: the result is not complete.\n`);
      else return code;
      return code === EXIT.bug || code === EXIT.solver ? code : EXIT.input;
    },
  };
}

function reasonOf(failure: NodeJS.ErrnoException | undefined): string {
  if (failure === undefined || failure.code === "EPIPE") return "Standard output is closed";
  if (failure.code === "ENOSPC") return "Standard output is full";
  return `Standard output cannot be written (${failure.code ?? failure.message})`;
}

function describeKept(reason: string, place: string | undefined): string {
  return place === undefined
    ? `${reason}, and no other place takes the result: it is lost. Name a file with room (-o).\n`
    : `${reason}: the result is kept in ${place}\n`;
}

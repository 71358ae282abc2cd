import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LongCommand } from "./commands.js";

/** A signal to a command, so many milliseconds after its start; without one it runs to its end. */
export interface Blow {
  readonly signal: "SIGINT" | "SIGTERM" | "SIGHUP";
  readonly milliseconds: number;
}

export interface Trial {
  readonly code: number | null;
  /** What killed it: Node itself still had the signal's default. */
  readonly killedBy: string | null;
  readonly milliseconds: number;
  /** What is wrong; empty = nothing. */
  readonly faults: readonly string[];
}

const EARLIER = "what was there before\n";
/** How long a command may take after its signal, on a machine with much else to do. */
const PATIENCE_MS = 30_000;

/**
 * Runs a command in a folder of its own with a copy of the inputs, strikes it, and looks at what it leaves.
 * @param cli the built command line.
 * @param inputs file names to texts.
 * @param replacing whether its outputs are there already, from an earlier run.
 */
export async function strike(
  cli: string,
  command: LongCommand,
  inputs: ReadonlyMap<string, string>,
  { blow, replacing }: { readonly blow?: Blow; readonly replacing: boolean },
): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), "signals-"));
  for (const [name, text] of inputs) writeFileSync(join(folder, name), text);
  const kept = replacing ? command.outputs.filter(mayBeReplaced) : [];
  for (const name of kept) writeFileSync(join(folder, name), EARLIER);
  const started = performance.now();
  const ended = await runTo(cli, command.argv, folder, blow);
  const read = (name: string): string | undefined => {
    const text = existsSync(join(folder, name))
      ? readFileSync(join(folder, name), "utf8")
      : undefined;
    return text === EARLIER ? undefined : text;
  };
  const faults = [
    ...judgeEnd(ended, command, read, blow),
    ...judgeFiles(folder, command, read, [...inputs.keys(), ...kept]),
    ...judgeResults(ended, command, read),
  ];
  rmSync(folder, { recursive: true });
  const { code, killedBy } = ended;
  return { code, killedBy, milliseconds: performance.now() - started, faults };
}

/** A sweep goes on from its state, and a folder of results must be new. */
function mayBeReplaced(name: string): boolean {
  return name !== "state.json" && !name.includes("/");
}

interface Ended {
  readonly code: number | null;
  readonly killedBy: string | null;
  readonly out: string;
  readonly err: string;
}

function runTo(
  cli: string,
  argv: readonly string[],
  cwd: string,
  blow: Blow | undefined,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...argv], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    const strikes =
      blow === undefined ? undefined : setTimeout(() => child.kill(blow.signal), blow.milliseconds);
    const giveUp = setTimeout(() => child.kill("SIGKILL"), (blow?.milliseconds ?? 0) + PATIENCE_MS);
    child.on("error", reject);
    child.on("close", (code, killedBy) => {
      clearTimeout(strikes);
      clearTimeout(giveUp);
      resolve({ code, killedBy, out, err });
    });
  });
}

type Read = (name: string) => string | undefined;

function* judgeEnd(
  { code, killedBy, out, err }: Ended,
  { outputs }: LongCommand,
  read: Read,
  blow: Blow | undefined,
): Iterable<string> {
  if (killedBy === "SIGKILL") yield "does not end";
  else if (killedBy !== null) {
    // Only before the program's first line runs; nothing can have come out then.
    const traces = [out, err, ...outputs.map(read)].filter(
      (text) => text !== undefined && text !== "",
    );
    if (traces.length > 0) yield `killed by ${killedBy} after it had begun`;
  } else if (code === 0) {
    for (const name of outputs)
      if (read(name) === undefined) yield `${name} is missing, exit code 0`;
  } else if (code !== 130 || blow === undefined) yield `exit code ${code}: ${err.slice(-300)}`;
}

/** Whole files only, and nothing beside them. */
function* judgeFiles(
  folder: string,
  { outputs }: LongCommand,
  read: Read,
  before: readonly string[],
): Iterable<string> {
  for (const name of outputs) {
    const text = read(name);
    if (text !== undefined && !isWhole(name, text)) yield `${name} is not whole`;
  }
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const known = outputs.includes(name) || outputs.some((file) => file.startsWith(`${name}/`));
    const numbered = /^front\/\d+\.json$/.test(name) && isWhole(name, read(name)!);
    if (!known && !numbered && !before.includes(name)) yield `${name} is left behind`;
  }
}

function isWhole(name: string, text: string): boolean {
  if (name.endsWith(".html")) return text.trimEnd().endsWith("</html>");
  if (name.endsWith(".svg")) return text.trimEnd().endsWith("</svg>");
  return isJson(text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function* judgeResults(
  { code, out, err }: Ended,
  { results }: LongCommand,
  read: Read,
): Iterable<string> {
  if (out !== "" && !isJson(out)) {
    yield "standard output is not whole";
    return;
  }
  if (results === undefined || code === null) return;
  const [announced, delivered] = [results.announced(err), results.delivered(out, read)];
  if (delivered < announced) yield `${announced} results announced, ${delivered} delivered`;
}

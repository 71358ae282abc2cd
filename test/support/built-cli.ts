import { spawn } from "node:child_process";
import { join } from "node:path";

/** The built command line; `npm test` builds first. */
export const CLI = join(process.cwd(), "dist/cli/main.js");

export interface BuiltRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The environment of this process, without what would change how texts look: vitest asks for colour. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const looks = new Set(["NO_COLOR", "FORCE_COLOR", "COLUMNS"]);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !looks.has(name)));
}

/** Runs the built command line in a process of its own. */
export function runBuilt(
  argv: readonly string[],
  options: {
    readonly input?: string;
    /** Called with all of standard error so far; returning true sends SIGINT, once. */
    readonly interruptWhen?: (err: string) => boolean;
    readonly cwd?: string;
    /** Beside this process's own, without what that says of colour and columns. */
    readonly env?: Readonly<Record<string, string>>;
    /** Killed after this many milliseconds (exit code null): for commands that may never end. */
    readonly killAfter?: number;
    /** A module that every thread of the process runs first: the way to plant a bug. */
    readonly preload?: string;
  } = {},
): Promise<BuiltRun> {
  return new Promise((resolve, reject) => {
    const { preload } = options;
    const planted =
      preload === undefined
        ? []
        : ["--import", `data:text/javascript,${encodeURIComponent(preload)}`];
    const child = spawn(process.execPath, [...planted, CLI, ...argv], {
      cwd: options.cwd,
      env: { ...plainEnvironment(), ...options.env },
      timeout: options.killAfter,
      killSignal: "SIGKILL",
    });
    let out = "";
    let err = "";
    let interrupted = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
      if (interrupted || options.interruptWhen?.(err) !== true) return;
      interrupted = true;
      child.kill("SIGINT");
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
    child.stdin.on("error", () => undefined); // it may not read at all
    child.stdin.end(options.input ?? "");
  });
}

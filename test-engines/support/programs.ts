import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { openSync, closeSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { env as environment } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

type Environment = Readonly<Record<string, string>>;

interface RunOptions {
  readonly seconds: number;
  readonly cwd?: string;
  readonly env?: Environment;
  readonly input?: string;
}

/** What a program printed; it must succeed within `seconds`. */
export function run(program: string, args: readonly string[], options: RunOptions): string {
  const { seconds, cwd, env, input } = options;
  return execFileSync(program, args, {
    encoding: "utf8",
    timeout: 1000 * seconds,
    killSignal: "SIGKILL",
    maxBuffer: 2 ** 28,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...environment, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    ...(input === undefined ? {} : { input }),
  });
}

/** The same with the least claim on the processor, for installing and building. */
export function runNicely(program: string, args: readonly string[], options: RunOptions): string {
  return run("nice", ["-n", "10", program, ...args], options);
}

/** A program that runs until it is stopped, with everything it printed. */
export interface Started {
  readonly log: () => string;
  readonly ended: () => boolean;
  readonly stop: () => Promise<void>;
}

const GRACE_SECONDS = 10;

/** Starts a program in a process group of its own; both its outputs go to a file. */
export function start(
  command: readonly [string, ...string[]],
  log: string,
  options: { readonly cwd?: string; readonly env?: Environment } = {},
): Started {
  const file = openSync(log, "w");
  const [program, ...args] = command;
  const child = spawn(program, args, {
    detached: true,
    stdio: ["ignore", file, file],
    env: { ...environment, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  closeSync(file);
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    log: () => readFileSync(log, "utf8"),
    ended,
    stop: async () => {
      signalGroup(child, "SIGTERM");
      for (let waited = 0; waited < GRACE_SECONDS && groupLives(child); waited += 0.1) {
        await sleep(100);
      }
      signalGroup(child, "SIGKILL");
    },
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  try {
    process.kill(-child.pid, signal);
    return true;
  } catch {
    return false; // Nobody of the group is left.
  }
}

function groupLives(child: ChildProcess): boolean {
  return signalGroup(child, 0);
}

/**
 * Waits until `ready` says yes. Fails at once when one of the programs ends, and with the ends of all
 * their logs when the time is up.
 */
export async function waitUntil(
  ready: () => boolean | Promise<boolean>,
  programs: readonly Started[],
  seconds: number,
): Promise<void> {
  const until = Date.now() + 1000 * seconds;
  while (!(await ready())) {
    const over = Date.now() > until;
    if (over || programs.some(({ ended }) => ended())) {
      const logs = programs.map(({ log }) => log().slice(-3000)).join("\n--- next log\n");
      throw new Error(`${over ? `not ready in ${seconds} s` : "a program ended"}:\n${logs}`);
    }
    await sleep(250);
  }
}

/** Whether a server answers at a URL with success. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Whether something listens on a port of an address of this machine. */
export function connects(port: number, address = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}

import { execFileSync, spawnSync } from "node:child_process";

/** Whether a program is there. Where CI is "true" it must be. */
export function hasTool(name: string, ...probe: readonly string[]): boolean {
  const found = spawnSync(name, probe, { stdio: "ignore" }).status === 0;
  if (!found && process.env["CI"] === "true") throw new Error(`CI needs ${name}`);
  return found;
}

/** Output of a program that must succeed; its standard error in the message where it does not. */
export function runTool(name: string, args: readonly string[], input?: string): string {
  return execFileSync(name, args, {
    encoding: "utf8",
    stdio: ["pipe", "pipe", "pipe"],
    ...(input === undefined ? {} : { input }),
  });
}

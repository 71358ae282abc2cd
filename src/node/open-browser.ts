import { spawn } from "node:child_process";

/** How systems open an address, by the name Node has for them. */
const OPENERS: Readonly<Record<string, readonly [command: string, ...before: string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};
const USUAL = ["xdg-open"] as const;
/** An opener that has not failed by then has done its work, or shows the page itself. */
const PATIENCE_MILLISECONDS = 3000;

/** Opens an address in the browser of whoever sits here. Resolves to whether there was one. Never rejects. */
export function openBrowser(address: string): Promise<boolean> {
  const [command, ...before] = OPENERS[process.platform] ?? USUAL;
  return new Promise((resolve) => {
    const child = spawn(command, [...before, address], { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
    setTimeout(() => resolve(true), PATIENCE_MILLISECONDS).unref();
    child.unref();
  });
}

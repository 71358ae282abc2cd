import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const PATHS = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser"];

/** Where a Chromium is installed; undefined where there is none. */
export function findChromium(): string | undefined {
  return PATHS.find((path) => path !== undefined && existsSync(path));
}

/** Headless Chromium that phones nobody. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}

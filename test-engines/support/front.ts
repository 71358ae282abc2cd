import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { start, waitUntil, type Started } from "./programs.js";
import { connects } from "./programs.js";

/** Where the exported nginx listens. */
const PORT = 8080;

/** Starts nginx with an exported configuration, in the foreground, with all its files in `place`. */
export async function startFront(
  exported: string,
  place: string,
): Promise<{ readonly program: Started; readonly url: string }> {
  const own = join(place, "front");
  mkdirSync(own, { recursive: true });
  const config = ["-p", own, "-e", join(own, "error.log"), "-c", join(exported, "nginx.conf")];
  const settings = "daemon off; pid nginx.pid;";
  const program = start(["nginx", ...config, "-g", settings], join(place, "nginx.log"));
  await waitUntil(() => connects(PORT), [program], 30);
  return { program, url: `http://127.0.0.1:${PORT}` };
}

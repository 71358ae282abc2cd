import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BugError, InputError } from "../core/errors.js";

const LOOPBACK = "127.0.0.1";
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
};

export interface ServedPage {
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Serves the playground to this machine alone. Its files are read once, and a request can only name one of
 * them: there is no way from an address to another file. Requests under another host name are refused, so that
 * no page elsewhere reads along by pointing its name here.
 * @param folder the built page.
 * @param opened what the page is to show first, as its `opened.json`.
 * @param port 0 = any that is free.
 * @throws InputError when the port cannot be had.
 */
export async function servePage(
  folder: URL,
  opened: string | undefined,
  port: number,
): Promise<ServedPage> {
  const files = readPage(fileURLToPath(folder));
  if (opened !== undefined) files.set("/opened.json", Buffer.from(opened));
  const hosts = new Set<string | undefined>();
  const server = createServer((request, response) => {
    if (!hosts.has(request.headers.host)) return refuse(response, 403, "for this machine alone");
    answer(files, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(nameFault(error, port)));
    server.listen(port, LOOPBACK, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  for (const name of [LOOPBACK, "localhost"]) hosts.add(`${name}:${taken}`);
  return {
    address: `http://${LOOPBACK}:${taken}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function readPage(folder: string): Map<string, Buffer> {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw new BugError("the package lacks its page (dist/page)", { cause: error });
  }
  const files = new Map(names.map((name) => [`/${name}`, readFileSync(join(folder, name))]));
  const index = files.get("/index.html");
  if (index !== undefined) files.set("/", index);
  return files;
}

function answer(
  files: ReadonlyMap<string, Buffer>,
  { method = "", url = "" }: IncomingMessage,
  response: ServerResponse,
): void {
  if (method !== "GET" && method !== "HEAD") return refuse(response, 405, "only to be read");
  const [path = ""] = url.split("?");
  const body = files.get(path);
  if (body === undefined) return refuse(response, 404, "no such file in the page's folder");
  const type = TYPES[path === "/" ? ".html" : extname(path)] ?? "application/octet-stream";
  const headers = {
    "content-type": type,
    "cache-control": "no-store",
    "content-length": body.length,
  };
  response.writeHead(200, headers).end(method === "HEAD" ? undefined : body);
}

function refuse(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { "content-type": "text/plain" }).end(`${words}\n`);
}

function nameFault({ code, message }: NodeJS.ErrnoException, port: number): InputError {
  const found =
    code === "EADDRINUSE"
      ? `port ${port}, which another program uses`
      : code === "EACCES"
        ? `port ${port}, which is not open to you`
        : `port ${port}: ${message}`;
  return new InputError("command line", [
    {
      path: "--port",
      found,
      expected: "a free port",
      remedy: "Name another one, or take any that is free: --port 0.",
    },
  ]);
}

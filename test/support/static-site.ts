import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

export interface StaticSite {
  readonly address: string;
  close(): Promise<void>;
}

/**
 * The built page as any web server may give it: below a path, without special headers, and what is no text as
 * bytes of no type.
 */
export async function serveStatic(folder: string): Promise<StaticSite> {
  const types: Readonly<Record<string, string>> = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
  };
  const server = createServer(({ url = "" }, response) => {
    const [path = ""] = url.split("?");
    const file = join(folder, path.replace(/^\/some\/where\//, "").replace(/^$/, "index.html"));
    if (!path.startsWith("/some/where/") || !existsSync(file) || !statSync(file).isFile()) {
      return response.writeHead(404).end();
    }
    const type = types[extname(file)] ?? "application/octet-stream";
    return response.writeHead(200, { "content-type": type }).end(readFileSync(file));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/some/where/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

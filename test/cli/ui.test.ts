import { spawn, type ChildProcess } from "node:child_process";
import { request } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLI, runBuilt } from "../support/built-cli.js";

interface Reply {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly text: string;
}

/** A request whose path goes out as it is written: `fetch` would tidy it. */
function ask(address: string, path: string, options: object = {}): Promise<Reply> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, agent: false, ...options }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () =>
        resolve({ status: response.statusCode, type: response.headers["content-type"], text }),
      );
    });
    sent.on("error", reject).end();
  });
}

/** A running `helix-place ui` with what it has said, once it has said its address. */
function startUi(argv: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const child = spawn(process.execPath, [CLI, "ui", "--port", "0", ...argv], { env });
  const said = { out: "", err: "" };
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
  const ready = new Promise<string>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said.out += text;
      if (said.out.endsWith("\n")) resolve(said.out.trim());
    });
  });
  return { child, said, ready };
}

function end(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once("exit", (code) => resolve(code));
    child.kill("SIGINT");
  });
}

describe("helix-place ui", () => {
  let ui: ReturnType<typeof startUi>;
  let address: string;
  beforeAll(async () => {
    ui = startUi(["clusters/home-lab.json", "--no-open"]);
    address = await ui.ready;
  });
  afterAll(async () => void (await end(ui.child)));

  test("serves the page and the cluster it was given", async () => {
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?opened$/);
    const page = await ask(address, "/?opened");
    expect(page.type).toContain("text/html");
    expect(page.text).toContain("helix-place");
    for (const name of ["page.js", "page.css", "highs.wasm.zst", "licences.txt"]) {
      expect((await ask(address, `/${name}`)).status).toBe(200);
    }
    const opened = JSON.parse((await ask(address, "/opened.json")).text) as object;
    expect(opened).toMatchObject({ file: { name: "home-lab" } });
  });

  test.each([
    "/../cli/main.js",
    "/..%2fcli/main.js",
    "/%2e%2e/cli/main.js",
    "/./../../package.json",
    "//etc/passwd",
    "/page.js/../../index.js",
    "/C:\\Windows\\win.ini",
    "/page.js%00.html",
    "/nothing",
  ])("nothing outside the page's folder: %s", async (path) => {
    const { status, text } = await ask(address, path);
    expect(status).toBe(404);
    expect(text).toBe("no such file in the page's folder\n");
  });

  test("to be read only, and under the names of this machine only", async () => {
    expect((await ask(address, "/", { method: "POST" })).status).toBe(405);
    expect((await ask(address, "/opened.json", { headers: { host: "evil.test" } })).status).toBe(
      403,
    );
    const { port } = new URL(address);
    expect((await ask(address, "/", { headers: { host: `localhost:${port}` } })).status).toBe(200);
  });

  test("no other interface of this machine answers", async () => {
    const { port } = new URL(address);
    const others = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    for (const { address: other } of others) {
      await expect(ask(`http://${other}:${port}/`, "/")).rejects.toThrow();
    }
  });
});

test("an interrupt ends it well; without a browser it says what to do", async () => {
  const { child, said, ready } = startUi([], { ...process.env, PATH: "/nowhere" });
  expect(await ready).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  await expect.poll(() => said.err).toContain("Ctrl+C");
  expect(said.err).toContain("No browser could be opened here: open the address above yourself.");
  expect(await end(child)).toBe(0);
});

test("a busy port is named, with what to do", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const { code, out, err } = await runBuilt(["ui", "--no-open", "--port", String(port)]);
  other.close();
  expect(code).toBe(2);
  expect(out).toBe("");
  expect(err).toContain(`port ${port}, which another program uses`);
  expect(err).toContain("--port 0");
});

test("a broken file is refused before anything is served", async () => {
  const input = '{"format": "helix-place/cluster@1", "name": "x", "nodes": []}';
  const { code, out, err } = await runBuilt(["ui", "-", "--no-open", "--port", "0"], { input });
  expect(code).toBe(2);
  expect(out).toBe("");
  expect(err).toContain("machines");
  expect(err).toContain("remedy");
  const missing = await runBuilt(["ui", "no-such.json", "--no-open"]);
  expect(missing.code).toBe(2);
  expect(missing.err).toContain("no-such.json");
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../support/run-cli.js";

const folder = mkdtempSync(join(tmpdir(), "copies-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the command line serves 21 equal copies, and by the engine Helix's own rule none", async () => {
  const one = JSON.parse(readFileSync("clusters/one-machine.json", "utf8")) as {
    nodes: readonly object[];
  };
  const cluster = join(folder, "cluster.json");
  const placement = join(folder, "placement.json");
  const network = { withinRegion: { bandwidth: "100 Gb/s", latency: "1 ms" } };
  writeFileSync(
    cluster,
    JSON.stringify({ ...one, nodes: [{ ...one.nodes[0], count: 21 }], network }),
  );
  const quick = ["--threads", "0", "--iteration-limit", "1", "--max-depth", "1", "-o", placement];
  const planned = await runCli(["plan", cluster, ...quick]);
  expect(planned.code, planned.err).toBe(0);
  const serve = async (...options: readonly string[]): Promise<number> => {
    const load = ["--threads", "0", "--warmup", "20", "--duration", "20", "--json"];
    const { out, err } = await runCli(["simulate", cluster, placement, ...load, ...options]);
    expect(err).toBe("");
    return (JSON.parse(out) as { result: { decodeTokensPerSecond: number } }).result
      .decodeTokensPerSecond;
  };
  expect(await serve()).toBeGreaterThan(1000);
  expect(await serve("--engine", "helix")).toBe(0);
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../support/run-cli.js";

const CLUSTER = {
  format: "helix-place/cluster@1",
  name: "small",
  engine: "helix",
  model: "llama-3-8b",
  machines: { l4: { gpu: "L4" } },
  nodes: [{ id: "l4", machine: "l4", count: 2 }],
  network: { withinRegion: { bandwidth: "10 Gb/s" } },
};

let folder = "";
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "helix-place-afterwards-"));
  await writeFile(at("cluster.json"), JSON.stringify(CLUSTER));
});
afterAll(() => rm(folder, { recursive: true }));

test("requests that a run of nodes serves after its window are told from those before", async () => {
  const limits = ["--objective", "flow", "--iteration-limit", "1", "--threads", "0", "--quiet"];
  await runCli(["plan", at("cluster.json"), ...limits, "-o", at("placement.json")]);
  const window = ["--warmup", "10", "--duration", "30", "--threads", "0", "--quiet"];
  const run = (rate: string) =>
    runCli(["simulate", at("cluster.json"), at("placement.json"), "--rate", rate, ...window]);
  const { out } = await run("20000");
  expect(out).toMatch(/Overloaded: the queue grows/);
  const [, finished, later] = /(\d+) finished \((\d+) of them after the window\)/.exec(out)!;
  expect(Number(later)).toBeGreaterThan(0);
  expect(Number(later)).toBeLessThan(Number(finished));
  expect((await run("20")).out).not.toContain("after the window");
});

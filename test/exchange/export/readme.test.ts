import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PlacementFile } from "../../../src/formats/placement-schema.js";
import type { SimulationReport } from "../../../src/serving/simulate/simulate-placement.js";
import { runCli } from "../../support/run-cli.js";

const CLUSTER = {
  format: "helix-place/cluster@1",
  name: "two kinds",
  model: "llama-3-8b",
  machines: { a100: { gpu: "A100-40GB" }, l4: { gpu: "L4" } },
  nodes: [
    { id: "a", machine: "a100" },
    { id: "l", machine: "l4" },
  ],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
};

let folder = "";
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "readme-"));
  await writeFile(at("c.json"), JSON.stringify(CLUSTER));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A placement by a known method, and what its README says for a target. */
async function readme(engine: string, served?: PlacementFile["served"]): Promise<string> {
  const plan = [at("c.json"), "--engine", engine, "--baseline", "separate", "--threads", "0"];
  expect((await runCli([...plan, "-o", at("p.json"), "--quiet"])).code).toBe(0);
  const file = JSON.parse(await readFile(at("p.json"), "utf8")) as PlacementFile;
  await writeFile(at("p.json"), JSON.stringify({ ...file, ...(served && { served }) }));
  const { out } = await runCli(["export", at("c.json"), at("p.json"), "--to", engine]);
  return out.slice(0, out.indexOf("## What to run where"));
}

const SERVED = {
  decodeTokensPerSecond: 1234.5,
  promptTokensPerSecond: 4321.5,
  timeToFirstToken: 0.1,
  timePerOutputToken: 0.05,
  concurrency: 9,
  at: "saturation",
  by: "simulation",
} as const;

test("a plan for what it serves says that, and its flow is no promise; weights say by what they are", async () => {
  const text = await readme("vllm", SERVED);
  expect(text).toContain(
    "Planned to serve 1234.5 decode and 4321.5 prompt tokens/s (simulated at full",
  );
  expect(text).toMatch(/Its flow, [\d.]+ tokens\/s, is the most .* not a promise/);
  expect(text).toContain("| flow, tokens/s |");
  expect(text).toContain("by what each chain serves at full load");
  expect(text).toContain("estimated, not measured: `machines.a100` (±");
});

test("a plan within limits names the rate at which they hold", async () => {
  const text = await readme("vllm", { ...SERVED, at: { rate: 9876.5 } });
  expect(text).toContain("keep its limits on latency with up to 9876.5 prompt and output tokens/s");
});

test("slots of llama.cpp are those that its plan counts with", async () => {
  const text = await readme("llama.cpp");
  const [, tokens, slots] = /more than (\d+) tokens on chain-2: .* each of (\d+) slots/.exec(text)!;
  expect(text).not.toContain("share the cache");
  const drain = ["--json", "--warmup", "60", "--duration", "200", "--threads", "0"];
  const { out } = await runCli(["simulate", at("c.json"), at("p.json"), ...drain]);
  const { result } = JSON.parse(out) as SimulationReport;
  const file = JSON.parse(await readFile(at("p.json"), "utf8")) as PlacementFile;
  const { kvCacheTokens } = file.nodes.find(({ id }) => id === "l")!;
  expect(Math.floor(kvCacheTokens! / Number(slots))).toBe(Number(tokens));
  // The other machine has sixteen, llama.cpp's own.
  expect(result.meanInFlight).toBeLessThanOrEqual(16 + Number(slots));
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../support/run-cli.js";

const CLUSTER = {
  format: "helix-place/cluster@1",
  name: "little room",
  model: "qwen-2.5-14b",
  workload: "sharegpt",
  machines: { pc: { gpu: "RTX 4090", nic: "10 Gb/s" }, old: { gpu: "RTX 3090", nic: "10 Gb/s" } },
  nodes: [
    { id: "p", machine: "pc", count: 2 },
    { id: "q", machine: "old", count: 2 },
  ],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
};

let folder = "";
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lengths-"));
  await writeFile(at("c.json"), JSON.stringify(CLUSTER));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function simulate(engine: string, ...more: readonly string[]): Promise<string> {
  const plan = [at("c.json"), "--engine", engine, "--baseline", "swarm", "--threads", "0"];
  expect((await runCli([...plan, "-o", at("p.json"), "--quiet"])).code).toBe(0);
  const run = ["simulate", at("c.json"), at("p.json"), "--threads", "0", "--warmup", "100"];
  return (await runCli([...run, "--duration", "300", ...more])).out;
}

test("requests are served as they come, where memory is scarce, too", async () => {
  const out = await simulate("helix");
  const refusals = Number(/([\d]+) refusals by the router/.exec(out)![1]);
  expect(refusals).toBeGreaterThan(500);
  const [, decode, prompt] = /Decode ([\d.,]+) .* prompt ([\d.,]+) tokens/.exec(out)!;
  const number = (text: string | undefined): number => Number(text!.replaceAll(",", ""));
  expect(number(prompt) / number(decode) / (74 / 229)).toBeCloseTo(1, 1);
  expect(out).not.toContain("Served are other");
});

test("nothing is said where no router refuses either", async () => {
  expect(await simulate("vllm")).not.toContain("Served are other");
  expect(await simulate("helix", "--rate", "200")).not.toContain("Served are other");
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../support/run-cli.js";

const CLUSTER = {
  format: "helix-place/cluster@1",
  name: "cards",
  engine: "vllm",
  model: "llama-3-8b",
  machines: { l4: { gpu: "L4" } },
  nodes: [{ id: "n", machine: "l4", count: 2 }],
  network: { withinRegion: { bandwidth: "10 Gb/s" } },
};
const offered = { pricePerHour: 1, availability: [{ count: 2 }] };
const list = (machines: object): string =>
  JSON.stringify({
    format: "helix-place/prices@1",
    name: "list",
    date: "2026-11-01",
    machines,
  });

let folder = "";
let cluster = "";
let prices = "";
const ask = (...argv: string[]) =>
  runCli(["what-if", cluster, "--prices", prices, ...argv, "--iteration-limit", "1"]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "helix-place-list-"));
  cluster = join(folder, "cluster.json");
  prices = join(folder, "prices.json");
  await writeFile(cluster, JSON.stringify(CLUSTER));
});
afterAll(() => rm(folder, { recursive: true }));

test.each([["--budget", "4"], ["--add", "2xL4"], ["--marginal"]])(
  "%s names the file of a price list with all its machines that nobody can have, and plans nothing",
  async (...argv) => {
    await writeFile(prices, list({ foo: offered, "b a r": offered, L4: offered }));
    const { code, err } = await ask(...argv);
    expect(code).toBe(2);
    expect(err).toContain(`${prices}: machines.foo\n`);
    expect(err).toContain(`${prices}: machines["b a r"]\n`);
    expect(err).toContain(`2 problems in ${prices}`);
    expect(err).not.toContain("planning");

    await writeFile(prices, list({ L4: { ...offered, gpus: 2, tensorParallel: 4 } }));
    const parted = await ask(...argv);
    expect(parted.code).toBe(2);
    expect(parted.err).toContain(`${prices}: machines.L4.tensorParallel\n`);
    expect(parted.err).not.toContain("planning");
  },
);

test("a list of which the engine can run nothing is refused by its file, too", async () => {
  const profile = { tokensPerSecond: [900, 450, 300] };
  await writeFile(cluster, JSON.stringify({ ...CLUSTER, model: "qwen-2.5-7b" }));
  await writeFile(prices, list({ whole: { ...offered, gpu: "A100-80GB", gpus: 8, profile } }));
  const { code, err } = await ask("--budget", "4");
  expect(code).toBe(2);
  expect(err).toContain(`${prices}: machines.whole\n`);
});

test("a price for another time than an hour is proposed by the hour", async () => {
  await writeFile(prices, list({ L4: { ...offered, pricePerHour: "500 $/month" } }));
  const listed = await ask("--budget", "4");
  expect(listed.code).toBe(2);
  expect(listed.err).toContain('"0.685 $/h"');
  await writeFile(prices, list({ L4: offered }));
  const asked = await ask("--budget", "500 $/month");
  expect(asked.code).toBe(2);
  expect(asked.err).toContain('as 0.685 or "0.685 $/h"');
});

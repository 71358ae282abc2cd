import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../support/run-cli.js";

test("pareto says what it is doing, and keeps quiet where it is told to", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pareto-"));
  const cluster = join(folder, "cluster.json");
  const machines = { a: { gpu: "A100-80GB" } };
  const nodes = [{ id: "a", machine: "a", region: "r" }];
  const network = { withinRegion: { bandwidth: "10 Gb/s" } };
  const file = { format: "helix-place/cluster@1", name: "one", model: "llama-2-7b" };
  await writeFile(
    cluster,
    JSON.stringify({ ...file, machines, nodes, network, coordinator: { region: "r" } }),
  );
  const brief = ["pareto", cluster, "--iteration-limit", "1", "--threads", "0"];
  const told = await runCli(brief);
  expect(told.err).toMatch(/looking for placements[^]*placements found[^]*placements? simulated/u);
  const quiet = await runCli([...brief, "--quiet"]);
  expect(quiet.err).toBe("");
  expect(quiet.out).toBe(told.out);
  await rm(folder, { recursive: true });
});

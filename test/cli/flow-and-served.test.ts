import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../support/run-cli.js";

const folder = mkdtempSync(join(tmpdir(), "helix-place-"));
afterAll(() => rmSync(folder, { recursive: true }));
const place = (name: string): string => join(folder, name);

test("check says that its figure is the flow, replan what it keeps of what was asked for", async () => {
  const cluster = {
    format: "helix-place/cluster@1",
    name: "one",
    engine: "vllm",
    model: "llama-3-8b",
    machines: { l4: { gpu: "L4" } },
    nodes: [{ id: "n", machine: "l4", count: 2 }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.1 ms" } },
  };
  writeFileSync(place("c.json"), JSON.stringify(cluster));
  const short = ["--iteration-limit", "1", "--threads", "0"];
  const planned = await runCli([
    "plan",
    place("c.json"),
    "-o",
    place("p.json"),
    "--max-depth",
    "2",
    ...short,
  ]);
  expect(planned.code).toBe(0);
  const { out } = await runCli(["check", place("c.json"), place("p.json")]);
  expect(out).toMatch(/^The placement holds: flow .*; what it serves is a simulation's/);
  // Points of pareto have an estimate in its place.
  const { served: _, ...rest } = JSON.parse(readFileSync(place("p.json"), "utf8"));
  const method = "simulated offline at full load";
  const latencies = { promptLatency: 1, decodeLatency: 1 };
  const estimate = { decodeThroughput: 1, ...latencies, concurrency: 1, method };
  writeFileSync(place("e.json"), JSON.stringify({ ...rest, objective: "goodput", estimate }));
  const ofPareto = await runCli(["check", place("c.json"), place("e.json")]);
  expect(ofPareto.out).toMatch(
    /^The placement holds: flow .*; what it serves is simulated offline at full load\./,
  );
  const change = ["replan", place("c.json"), place("p.json"), "-o", place("r.json"), ...short];
  const { err } = await runCli(change);
  expect(err).toMatch(
    /constraints of the running placement are kept: at most 2 stages, chains that share no node/,
  );
});

import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import { runCli } from "../support/run-cli.js";

// Four cards in a box: its parts are nodes of the plan, and the cluster file knows the box alone.
const CLUSTER = {
  format: "helix-place/cluster@1",
  name: "boxes",
  model: "llama-3-8b",
  machines: { box: { gpu: "L4", gpus: 4 }, one: { gpu: "RTX-3060" } },
  nodes: [
    { id: "b", machine: "box" },
    { id: "o", machine: "one" },
  ],
  network: { withinRegion: { bandwidth: "10 Gb/s" } },
};
const PLAIN = ["--iteration-limit", "1", "--threads", "0", "--objective", "flow", "--quiet"];

let folder = "";
const at = (name: string): string => join(folder, name);
const read = async (name: string): Promise<PlacementFile> =>
  JSON.parse(await readFile(at(name), "utf8")) as PlacementFile;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "import-parts-"));
  await writeFile(at("c.json"), JSON.stringify(CLUSTER));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([["vllm"]])(
  "%s scripts of parts of machines are read back with engine and step",
  async (engine) => {
    const [plan, out, again] = [`${engine}.json`, at(engine), `${engine}-again.json`];
    const words = [...PLAIN, "--engine", engine, "--tensor-parallel", "2", "--batch-tokens", "640"];
    expect((await runCli([at("c.json"), ...words, "-o", at(plan)])).code).toBe(0);
    const exported = [at("c.json"), at(plan), "--to", engine, "-o", out];
    expect((await runCli(["export", ...exported])).code).toBe(0);
    const names = await readdir(out, { recursive: true });
    const scripts = names.filter((name) => name.endsWith(".sh")).map((name) => join(out, name));
    const named = ["--placement", engine, ...scripts, "--cluster", at("c.json")];
    const { code, err } = await runCli(["import", ...named, "-o", at(again)]);
    expect([code, err]).toEqual([0, expect.stringContaining("hold layers")]);
    const [before, after] = [await read(plan), await read(again)];
    const held = ({ nodes }: PlacementFile): unknown =>
      nodes.flatMap(({ id, layers, flow }) => (flow > 0 ? [[id, layers]] : []));
    expect(held(after)).toEqual(held(before));
    expect(held(after)).toContainEqual([expect.stringMatching(/^b\/\d-\d$/), expect.anything()]);
    expect(after.engine).toBe(engine);
    expect(after.engineSettings?.batchTokens).toBe(640);
    // Other ways to share out the cards carry more than these parts could.
    const free = [at("c.json"), ...PLAIN, "--engine", engine, "-o", at("free.json")];
    expect((await runCli(free)).code).toBe(0);
    expect(after.upperBound).toBeGreaterThanOrEqual((await read("free.json")).throughput);
    expect((await runCli(["check", at("c.json"), at(again)])).code).toBe(0);
  },
);

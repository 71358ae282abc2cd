import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import { planScenario, type ScenarioJob } from "../../src/market/scenario.js";
import { createInlinePorts } from "../support/inline-ports.js";
import { runCli } from "../support/run-cli.js";

const clusterOf = (machine: "four" | "two"): ClusterFile => ({
  format: "helix-place/cluster@1",
  name: "exchanged",
  model: {
    name: "small",
    layers: 6,
    layerBytes: 1e9,
    activationBytes: 8000,
    tokenBytes: 4,
    kvBytesPerToken: 4000,
  },
  engine: "vllm",
  machines: { four: { gpu: "L4", gpus: 4 }, two: { gpu: "L40S", gpus: 2 } },
  nodes: [
    { id: "n", machine },
    { id: "other", machine: "two" },
  ],
  network: { withinRegion: { bandwidth: "10 Gb/s" } },
});
const PLAIN = ["--iteration-limit", "1", "--threads", "0", "--objective", "flow"];

let folder = "";
let before: PlacementFile;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "exchanged-"));
  await writeFile(at("before.json"), JSON.stringify(clusterOf("four")));
  await writeFile(at("after.json"), JSON.stringify(clusterOf("two")));
  const words = [at("before.json"), ...PLAIN, "--tensor-parallel", "1", "-o", at("running.json")];
  await runCli(words);
  before = JSON.parse(await readFile(at("running.json"), "utf8")) as PlacementFile;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a row of what-if starts from a plan of a machine that has other cards there, as far as it goes", async () => {
  expect(before.nodes.map(({ id }) => id)).toContain("n/3");
  const planning = { gap: 0.01, seed: 1, partialInference: true, solver: "highs" } as const;
  const job: ScenarioJob = {
    name: "exchanged",
    file: clusterOf("two"),
    planning: { ...planning, iterationLimit: 1, objective: "flow" },
    warmStart: before,
  };
  const { result } = await planScenario(job, createInlinePorts());
  expect(result.outcome).toBe("planned");
});

test("a plan starts from such a placement as far as it goes", async () => {
  const words = [at("after.json"), ...PLAIN, "--warm-start", at("running.json")];
  const { code, err } = await runCli([...words, "-o", at("a.json")]);
  expect([code, err]).toEqual([0, expect.stringContaining("tokens/s")]);
  expect(err).not.toContain("ignored");
});

test("replan takes such cards for gone", async () => {
  const words = [at("after.json"), at("running.json"), ...PLAIN, "-o", at("b.json")];
  const { code, err } = await runCli(["replan", ...words]);
  expect([code, err]).toEqual([0, expect.stringMatching(/^Nodes gone: n\/2, n\/3; /m)]);
});

test("a start that is not legal is said to be ignored where no progress is shown, too", async () => {
  const nodes = before.nodes.map((node, index) => ({
    ...node,
    layers: index === 0 ? [0, 4] : null,
  }));
  await writeFile(at("broken.json"), JSON.stringify({ ...before, nodes }));
  const words = [at("before.json"), ...PLAIN, "--warm-start", at("broken.json")];
  const said = "The placement of --warm-start carries nothing here and was ignored.";
  expect((await runCli([...words, "-o", at("c.json")])).err).toContain(said);
  expect((await runCli([...words, "-o", at("c.json"), "--quiet"])).err).toBe("");
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runBuilt } from "../support/built-cli.js";
import { readProblems, runCli } from "../support/run-cli.js";

const network = { withinRegion: { bandwidth: "10 Gb/s" } };
const FORMAT = { format: "helix-place/cluster@1", network } as const;
const LAB = {
  ...FORMAT,
  name: "lab",
  model: "llama-3-8b",
  machines: { box: { gpu: "L4", gpus: 2 }, one: { gpu: "RTX-3060" } },
  nodes: [
    { id: "b", machine: "box", count: 2 },
    { id: "o", machine: "one" },
  ],
};
const FLAT = {
  ...FORMAT,
  name: "flat",
  model: "llama-3-8b",
  engine: "exo",
  machines: { mac: { gpu: "M2-Ultra-64GB" }, "3090": { gpu: "RTX-3090" } },
  nodes: [
    { id: "m", machine: "mac" },
    { id: "p", machine: "3090", count: 2 },
  ],
};
const RATED = {
  ...FORMAT,
  name: "rated",
  model: "llama-3-8b",
  machines: {
    big: { profile: { tokensPerSecond: Array.from({ length: 32 }, (_, k) => 9000 / (k + 1)) } },
  },
  nodes: [{ id: "b", machine: "big", count: 2 }],
};
const PLAIN = ["--iteration-limit", "1", "--threads", "0", "--objective", "flow"];

let folder = "";
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "walked-"));
  for (const cluster of [LAB, FLAT, RATED])
    await writeFile(at(`${cluster.name}.json`), JSON.stringify(cluster));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("what is assumed of machines that stay empty is not said of a plan without them", async () => {
  const idle = "computes on the processor alone";
  const words = [at("flat.json"), ...PLAIN, "-o", at("plan.json")];
  expect((await runCli(words)).err).toContain(idle);
  expect((await runCli([...words, "--drain", "p-0"])).err).toContain(idle);
  const drained = await runCli([...words, "--drain", "p-0", "p-1", "--strict"]);
  expect([drained.code, drained.err]).toEqual([0, expect.not.stringContaining(idle)]);
  for (const command of ["check", "explain"]) {
    const { code, out } = await runCli([command, at("flat.json"), at("plan.json")]);
    expect([code, out], command).toEqual([0, expect.not.stringContaining(idle)]);
  }
});

test("constraints from standard input hold where cards are shared out, too", async () => {
  const words = [at("lab.json"), ...PLAIN, "--constraints", "-", "--quiet"];
  const { code, out, err } = await runBuilt(words, { input: '{"drain": ["o"]}' });
  expect([code, err]).toEqual([0, ""]);
  expect(JSON.parse(out)).toMatchObject({ constraints: { drain: ["o"] } });
});

test("a file of ours in place of a model's or of constraints is told what is wanted there", async () => {
  const source = at("rated.json");
  const model = await runCli(["model", source]);
  expect(readProblems(source, model.err)).toEqual([
    {
      path: "format",
      found: "a cluster file",
      expected: expect.stringContaining("config.json"),
      remedy: expect.stringContaining('this file\'s is "llama-3-8b"'),
    },
  ]);
  const { err } = await runCli([source, ...PLAIN, "--constraints", source]);
  expect(readProblems(source, err)[0]?.expected).toContain("constraints");
});

test("rows of other parts of a sweep are not said to be open in this one", async () => {
  const sweep = [
    at("rated.json"),
    "--sweep",
    "big=1..3",
    "--iteration-limit",
    "1",
    "--threads",
    "0",
  ];
  const { code, out, err } = await runCli(["what-if", ...sweep, "--shard", "2/2"]);
  expect(code).toBe(0);
  expect(err).toContain("2 scenarios; 2 in other parts");
  expect(`${out}${err}`).not.toContain("not planned");
});

test("the help of simulate says which engines --change is for", async () => {
  const { out } = await runCli(["simulate", "--help"]);
  expect(out.replace(/\s+/g, " ")).toContain("--engine helix, petals or parallax");
});

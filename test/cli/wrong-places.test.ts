import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../support/run-cli.js";

const folder = mkdtempSync(join(tmpdir(), "wrong-places-"));
const at = (name: string): string => join(folder, name);
const cluster = at("cluster.json");
copyFileSync("clusters/one-machine.json", cluster);
symlinkSync(cluster, at("link.json"));
for (const name of ["other.json", "placement.json"]) writeFileSync(at(name), "{}");
afterAll(() => rmSync(folder, { recursive: true }));

test("a plan does not take the place of its cluster", async () => {
  const { code, err } = await runCli([cluster, "--iteration-limit", "1", "-o", cluster]);
  expect([code, err]).toEqual([2, expect.stringContaining("the cluster file itself")]);
  expect(readFileSync(cluster, "utf8")).toBe(readFileSync("clusters/one-machine.json", "utf8"));
});

test("a plan may take the place of the one that it starts from, which serves no more", async () => {
  const start = at("start.json");
  const asked = [cluster, "--iteration-limit", "1", "--objective", "flow", "-o", start];
  expect((await runCli(asked)).code).toBe(0);
  expect((await runCli([...asked, "--warm-start", start])).code).toBe(0);
});

const placement = at("placement.json");
const other = at("other.json");
const fresh = at("fresh.json");
const REFUSED: readonly (readonly [what: string, argv: readonly string[]])[] = [
  ["the file of --output itself", [cluster, "-o", fresh, "--report", fresh]],
  ["the cluster file itself", [cluster, "--map", at("link.json")]],
  ["the file of --constraints itself", [cluster, "--constraints", other, "-o", other]],
  ["the placement file itself", ["replan", cluster, placement, "-o", placement]],
  ["the file of --output itself", ["replan", cluster, placement, "-o", fresh, "--steps", fresh]],
  ["the file of --prices itself", ["what-if", cluster, "--prices", other, "--report", other]],
  [
    "the file of --timeline itself",
    ["simulate", cluster, placement, "--timeline", fresh, "--report", fresh],
  ],
  [
    "the file of --placement itself",
    ["compare", cluster, "--placement", other, placement, "--report", placement],
  ],
  [
    "in one with the file of --output",
    ["pareto", cluster, "-o", at("new"), "--svg", at("new/front.svg")],
  ],
  ["the job.json file itself", ["train", other, "-o", other]],
  ["the file of --nvidia-smi itself", ["import", "--nvidia-smi", `box=${other}`, "-o", other]],
];

test.each(REFUSED)("%s is not written over: %j", async (what, argv) => {
  const before = readFileSync(other, "utf8");
  const { code, err } = await runCli([...argv]);
  expect([code, err]).toEqual([2, expect.stringContaining(what)]);
  expect([readFileSync(other, "utf8"), existsSync(fresh)]).toEqual([before, false]);
});

test("devices take several outputs", async () => {
  const plain = [cluster, "--iteration-limit", "1", "--threads", "0", "--quiet"];
  const nowhere = await runCli([...plain, "--map", "/dev/null", "-o", "/dev/null"]);
  expect(nowhere).toMatchObject({ err: "", code: 0 });
});

test("a cluster where constraints belong is called one, and nobody is told to remove its keys", async () => {
  const { code, err } = await runCli([cluster, "--constraints", cluster]);
  expect([code, err]).toEqual([2, expect.stringContaining("a cluster file")]);
  expect(err).not.toContain("Remove it");
});

test("a cluster file is no model, and is named as what it is", async () => {
  const { code, err } = await runCli(["model", cluster]);
  expect([code, err]).toEqual([2, expect.stringContaining("found     a cluster file")]);
  expect(err).toContain("1 problem in");
});

test.each([["pareto"], ["plan", "--objective", "goodput"], ["plan", "--objective", "latency"]])(
  "what a cluster lacks for %s %s %s is told of the file that lacks it, not of the cluster's name",
  async (command, ...options) => {
    const file = at("rates.json");
    const tokensPerSecond = Array.from({ length: 40 }, (_, at) => 100 / (at + 1));
    writeFileSync(
      file,
      JSON.stringify({
        format: "helix-place/cluster@1",
        name: "another-name",
        model: "llama-3-8b",
        machines: { m: { profile: { tokensPerSecond } } },
        nodes: [{ id: "a", machine: "m" }],
        network: { withinRegion: { bandwidth: "10 Gb/s" } },
      }),
    );
    const asked = command === "pareto" ? ["--time-limit", "1"] : ["--iteration-limit", "1"];
    const { code, err } = await runCli([command!, file, ...options, ...asked]);
    expect(code).toBe(2);
    expect(err).toContain(`1 problem in ${file}`);
    expect(err).not.toContain("another-name");
  },
);

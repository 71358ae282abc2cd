import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasStackTrace, readProblems, runCli } from "../support/run-cli.js";

const CLUSTER = "solver-fixtures/shared-head/cluster.json";
const folder = mkdtempSync(join(tmpdir(), "helix-place-"));
const file = join(folder, "input.json");
afterAll(() => rmSync(folder, { recursive: true }));

let sound: string;
beforeAll(async () => {
  const { code, out, err } = await runCli([CLUSTER, "--threads", "0"]);
  expect(code, err).toBe(0);
  sound = out;
});

/** The text with the value at a dotted path replaced (undefined = removed). */
function change(text: string, path: string, value: unknown): string {
  const json = JSON.parse(text) as Record<string, unknown>;
  const keys = path.split(".");
  const last = keys.pop()!;
  let inner: Record<string, unknown> = json;
  for (const key of keys) inner = inner[key] as Record<string, unknown>;
  inner[last] = value;
  return JSON.stringify(json);
}

/** Exit 2, problems at exactly these paths, nothing else said or written. */
async function expectProblems(
  argv: readonly string[],
  source: string,
  paths: readonly string[],
): Promise<void> {
  const output = join(folder, "placement.json");
  const { code, out, err } = await runCli(argv.map((arg) => (arg === "OUTPUT" ? output : arg)));
  expect(code, err).toBe(2);
  expect(out).toBe("");
  expect(hasStackTrace(err), err).toBe(false);
  const problems = readProblems(source, err);
  expect(problems.map(({ path }) => path).sort()).toEqual([...paths].sort());
  for (const { remedy } of problems) expect(remedy).toMatch(/^[A-Z].*[.?]$/);
  expect(readdirSync(folder)).not.toContain("placement.json");
}

type Row = readonly [what: string, path: string, value: unknown, named: readonly string[]];

const placements: readonly Row[] = [
  ["another format", "format", "helix-place/cluster@1", ["format"]],
  ["no nodes", "nodes", undefined, ["nodes"]],
  ["nodes as an object", "nodes", {}, ["nodes"]],
  ["layers as texts", "nodes.0.layers", ["0", "1"], ["nodes[0].layers[0]", "nodes[0].layers[1]"]],
  ["three layers in an interval", "nodes.0.layers", [0, 1, 2], ["nodes[0].layers"]],
  ["negative layers", "nodes.0.layers", [-1, 1], ["nodes[0].layers[0]"]],
  ["fractional layers", "nodes.0.layers", [0, 1.5], ["nodes[0].layers[1]"]],
  ["negative flow", "nodes.0.flow", -1, ["nodes[0].flow"]],
  ["throughput as a text", "throughput", "10", ["throughput"]],
  ["unknown status", "status", "perfect", ["status"]],
  ["unknown key", "throughputs", 1, ["throughputs"]],
  ["routing as a list", "routing", [], ["routing"]],
  ["weights missing", "routing.coordinator", [{ to: "a" }], ["routing.coordinator[0].weight"]],
  ["null inside pipelines", "pipelines", [null], ["pipelines[0]"]],
];

describe.each(["check", "explain", "--warm-start"])("a placement with %s", (command) => {
  const argv =
    command === "--warm-start"
      ? [CLUSTER, "--threads", "0", "-o", "OUTPUT", command, file]
      : [command, CLUSTER, file];
  test.each(placements)("%s", async (_what, path, value, named) => {
    writeFileSync(file, change(sound, path, value));
    await expectProblems(argv, file, named);
  });
  test("text that is no JSON", async () => {
    writeFileSync(file, sound.slice(0, 300));
    const { code, err } = await runCli(argv);
    expect(code).toBe(2);
    expect(readProblems(file, err)[0]!.path).toMatch(/^line \d+/);
  });
});

const untrue: readonly Row[] = [
  ["a node unknown to the cluster", "nodes.0.id", "zebra", ["nodes[0].id"]],
  ["a node twice", "nodes.1.id", "a", ["nodes[1].id"]],
  ["another number of layers", "model.layers", 3, ["model.layers"]],
  ["an interval beyond the model", "nodes.0.layers", [1, 3], ["nodes[0].layers"]],
  ["an empty interval", "nodes.0.layers", [1, 1], ["nodes[0].layers"]],
  ["more layers than fit", "nodes.1.layers", [0, 2], ["nodes[1].layers"]],
  ["a capacity it does not have", "nodes.0.capacity", 11, ["nodes[0].capacity"]],
  ["more throughput than flows", "throughput", 11, ["throughput"]],
  ["a bound below the throughput", "upperBound", 5, ["upperBound", "gap"]],
  ["a gap that is not theirs", "gap", 0.5, ["gap"]],
  ["a link nobody has", "links.0.to", "zebra", ["links[0].to"]],
  ["more flow than the link carries", "links.0.capacity", 1, ["links[0].capacity"]],
  ["weights that do not sum to 1", "routing.coordinator.0.weight", 0.5, ['routing["coordinator"]']],
  ["routing of a stranger", "routing.zebra", [{ to: "a", weight: 1 }], ['routing["zebra"]']],
  ["no routing", "routing", {}, ["routing"]],
  ["no pipelines", "pipelines", [], ["pipelines"]],
  ["a pipeline that ends early", "pipelines.0.stages.0.layers", [0, 2], ["pipelines[0].stages[0]"]],
  ["a bottleneck of another size", "bottleneck.0.capacity", 1, ["bottleneck"]],
];

describe("statements that do not hold are found and named, exit 1", () => {
  test.each(untrue)("%s", async (_what, path, value, named) => {
    writeFileSync(file, change(sound, path, value));
    const { code, out, err } = await runCli(["check", CLUSTER, file, "--json"]);
    expect(code, err).toBe(1);
    const verdict = JSON.parse(out) as { holds: boolean; failures: { path: string }[] };
    expect(verdict.holds).toBe(false);
    for (const one of named) expect(verdict.failures.map((failure) => failure.path)).toContain(one);
    expect((await runCli(["check", CLUSTER, file])).out).toContain("does not hold");
    expect((await runCli(["explain", CLUSTER, file])).code).toBe(1);
  });

  test("less than a maximum flow is no maximum flow", async () => {
    const halved = JSON.parse(sound, (key, value: unknown) =>
      (key === "flow" || key === "throughput") && typeof value === "number" ? value / 2 : value,
    ) as Record<string, unknown>;
    const upperBound = halved["upperBound"] as number;
    const gap = (upperBound - (halved["throughput"] as number)) / upperBound;
    writeFileSync(file, JSON.stringify({ ...halved, gap, bottleneck: [] }));
    const { code, out } = await runCli(["check", CLUSTER, file]);
    expect(code).toBe(1);
    expect(out).toContain("not the most these layers can carry");
  });
});

const constraints: readonly (readonly [what: string, json: string, named: readonly string[]])[] = [
  ["a list", "[]", [""]],
  ["an unknown key", '{"pins": {}}', ["pins"]],
  ["an unknown node", '{"pin": {"aa": [0, 1]}, "drain": ["x"]}', ["pin.aa", "drain[0]"]],
  ["an empty interval", '{"pin": {"a": [1, 1]}}', ["pin.a"]],
  ["an interval beyond the model", '{"pin": {"a": [1, 3]}}', ["pin.a"]],
  ["more layers than fit", '{"pin": {"b": [0, 2]}}', ["pin.b"]],
  ["pinned and drained", '{"pin": {"a": [0, 1]}, "drain": ["a"]}', ["drain[0]"]],
  ["limits of zero", '{"maxDepth": 0, "maxNodesPerStage": 0}', ["maxDepth", "maxNodesPerStage"]],
  ["a text for a switch", '{"chainsOnly": "yes"}', ["chainsOnly"]],
  ["a number for nodes", '{"drain": 3}', ["drain"]],
];

test.each(constraints)("a constraints file with %s", async (_what, json, named) => {
  writeFileSync(file, json);
  await expectProblems([CLUSTER, "--constraints", file, "-o", "OUTPUT"], file, named);
});

test.each([
  ["--pin", "a", "--pin"],
  ["--pin", "zebra=0:1", "pin.zebra"],
  ["--drain", "zebra", "drain[0]"],
])("%s %s is refused with its place", async (option, value, named) => {
  await expectProblems([CLUSTER, option, value], "command line", [named]);
});

test.each([
  [],
  ["--no-such-option", CLUSTER],
  [CLUSTER, "one-more"],
  ["chekc", CLUSTER, file],
  ["check", CLUSTER],
  ["schema", "clster"],
  [CLUSTER, "--gap"],
  [CLUSTER, "--gap", "1"],
  [CLUSTER, "--gap", "-0.1"],
  [CLUSTER, "--gap", "NaN"],
  [CLUSTER, "--gap", "1%"],
  [CLUSTER, "--time-limit", ""],
  [CLUSTER, "--time-limit", "-1"],
  [CLUSTER, "--time-limit", "Infinity"],
  [CLUSTER, "--seed", "1.5"],
  [CLUSTER, "--iteration-limit", "0"],
  [CLUSTER, "--threads", "1000000"],
  [CLUSTER, "--solver", "gurobi"],
  [CLUSTER, "--strategy", "luck"],
  [CLUSTER, "--progress", "loud"],
  [CLUSTER, "--max-depth", "1e400"],
])("arguments %j: exit 2, a word of help, no stack trace", async (...argv: string[]) => {
  const { code, out, err } = await runCli(argv);
  expect(code, err).toBe(2);
  expect(out).toBe("");
  expect(err).toMatch(/error: |found/);
  expect(hasStackTrace(err)).toBe(false);
});

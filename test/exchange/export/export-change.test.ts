import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { exportChange } from "../../../src/exchange/export/export-change.js";
import { EXPORT_TARGETS, type ExportTargetName } from "../../../src/exchange/export/targets.js";
import type { ChangeFile } from "../../../src/formats/change-schema.js";
import { runCli, type CliRun } from "../../support/run-cli.js";
import { buildShape } from "./shapes.js";
import { hasTool, runTool } from "./tools.js";

const folder = mkdtempSync(join(tmpdir(), "helix-place-export-change-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Layers = [number, number] | null;

/** Three chains of two: a, b and c. */
function farm(nodes: readonly string[], border: number) {
  return buildShape("farm", {
    nodes: nodes.map((id) => [id, "big", "here"] as const),
    layers: [
      [0, border],
      [border, 48],
      [0, 25],
      [25, 48],
      [0, 26],
      [26, 48],
    ],
    links: [
      [0, 1],
      [2, 3],
      [4, 5],
    ],
  });
}
const running = farm(["a0", "a1", "b0", "b1", "c0", "c1"], 24);
/** `c1` is lost, `c2` comes in its place, and the border of chain a moves. Chain b stays. */
const next = farm(["a0", "a1", "b0", "b1", "c0", "c2"], 20);

const load = (
  id: string,
  from: Layers,
  to: Layers,
): ChangeFile["steps"][number]["nodes"][number] => ({
  id,
  from,
  to,
  bytes: 2e9,
  seconds: 2,
});
const step = (...nodes: ChangeFile["steps"][number]["nodes"]): ChangeFile["steps"][number] => ({
  nodes,
  bytes: 2e9 * nodes.length,
  seconds: 2,
  throughput: 1,
  routing: {},
});
const change: ChangeFile = {
  format: "helix-place/change@1",
  cluster: next.file.cluster,
  model: next.file.model,
  before: next.cluster.nodes.map(({ id }) => ({
    id,
    layers: running.file.nodes.find((node) => node.id === id)?.layers ?? null,
  })),
  throughput: { before: 1, after: 1 },
  floor: { asked: 0, kept: true, best: 0, proven: true, secondsBelow: 0 },
  loadRate: 1e9,
  bytes: 6e9,
  seconds: 4,
  steps: [
    step(load("c2", null, [26, 48])),
    step(load("a0", [0, 24], [0, 20]), load("a1", [24, 48], [20, 48])),
  ],
};

const ends = { running: running.file, file: next.file, change };
const nameOf = (node: string): string => {
  const sorted = [...running.file.pipelines].sort((one, other) => other.flow - one.flow);
  return `chain-${1 + sorted.findIndex(({ stages }) => stages[0]!.node === node)}`;
};
const [a, b, c] = ["a0", "b0", "c0"].map(nameOf) as [string, string, string];

describe.each(Object.keys(EXPORT_TARGETS) as ExportTargetName[])("a change for %s", (target) => {
  const addresses = new Map([...running.addresses, ...next.addresses]);
  const outcome = exportChange(next.cluster, ends, { target, addresses });

  if (["petals", "parallax", "helix"].includes(target)) {
    it("is refused, with a way out", () => {
      expect(outcome.kind).toBe("refused");
      if (outcome.kind === "refused")
        expect(outcome.refusals[0]!.remedy).toMatch(/without --change/);
    });
    return;
  }
  if (outcome.kind !== "exported") throw new Error(JSON.stringify(outcome));
  const { files } = outcome;
  const paths = files.map(({ path }) => path);
  const inStep = (name: string): string =>
    files.flatMap(({ path, text }) => (path.startsWith(`${name}/`) ? [path, text] : [])).join("\n");

  it("says what runs through, what is lost, and what ends and starts when", () => {
    const { text } = files[0]!;
    expect(text).toContain(`Untouched, and not in these files: ${b}.`);
    const [first, second] = text.split("## Step ").slice(1) as [string, string];
    expect(first).toContain(`${c} lost a node`);
    expect(first).toContain("Start chain-");
    expect(first).not.toContain(`${a} ends`);
    expect(second).toContain(`${a} ends`);
    expect(second).toContain("Start chain-");
    expect(second.indexOf(`${a} ends`)).toBeLessThan(second.indexOf("Start chain-"));
  });

  if ("engine" in EXPORT_TARGETS[target]) {
    it("holds the chains that start, in their steps, and nothing of those that stay", () => {
      expect(inStep("step-1")).toMatch(/chain-[45]/);
      expect(inStep("step-2")).toMatch(/chain-[45]/);
      for (const each of [a, b, c])
        expect(
          paths.filter((path) => path.includes(`/${each}/`) || path.includes(`/${each}.`)),
        ).toEqual([]);
      if (target !== "ray")
        expect(inStep("step-1") + inStep("step-2")).not.toMatch(/\b[b][01]\b|10\.0\.1\.[34]\b/);
    });
  } else {
    it("holds the weights of each step: a chain that is to end gets no requests", () => {
      const named = (text: string): readonly string[] =>
        [...new Set(text.match(/chain-\d+/g) ?? [])].sort();
      expect(named(inStep("step-1"))).toEqual([a, b].sort());
      expect(named(inStep("step-2"))).toHaveLength(2);
      expect(named(inStep("step-2"))).toContain(b);
      expect(named(inStep("end"))).toHaveLength(3);
      expect(named(inStep("end"))).not.toContain(a);
    });
  }

  it.skipIf(!hasTool("shellcheck", "--version"))("has scripts that shellcheck passes", () => {
    const scripts = files.filter(({ path }) => path.endsWith(".sh"));
    const names = scripts.map(({ text }, at) => {
      const path = join(folder, `${target}-${at}.sh`);
      writeFileSync(path, text);
      return path;
    });
    if (names.length > 0) expect(runTool("shellcheck", names)).toBe("");
  });
});

describe("helix-place export --change", () => {
  const put = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const cluster = put("cluster.json", next.clusterText);
  const placement = put("next.json", JSON.stringify(next.file));
  const before = put("running.json", JSON.stringify(running.file));
  const changed = put("change.json", JSON.stringify(change));
  const call = (...argv: readonly string[]): Promise<CliRun> =>
    runCli(["export", cluster, placement, "--to", "vllm", ...argv]);

  it("prints the files of each step", async () => {
    const { code, out, err } = await call("--change", changed, "--running", before);
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(/^==> step-1\/chain-\d\/rank-1-c2\.sh <==$/m);
  });

  it.each([
    ["one of the two files", ["--change", changed], /--running/],
    ["a change that starts elsewhere", ["--change", changed, "--running", placement], /before/],
    [
      "a change that ends elsewhere",
      [
        "--change",
        put("short.json", JSON.stringify({ ...change, steps: change.steps.slice(1) })),
        "--running",
        before,
      ],
      /steps[\s\S]*c2/,
    ],
    ["a file that is no change", ["--change", placement, "--running", before], /next\.json/],
  ])("says what is wrong with %s", async (_, argv, words) => {
    const { code, err, out } = await call(...argv);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(words);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCli, type CliRun } from "../../support/run-cli.js";
import { EXPORT_TARGETS } from "../../../src/exchange/export/targets.js";
import { SHAPES, type Shape } from "./shapes.js";

const folder = mkdtempSync(join(tmpdir(), "helix-place-export-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const call = (...argv: readonly string[]): Promise<CliRun> => runCli(argv);

/** Writes a file and gives its path. */
function put(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function files(shape: Shape): readonly [cluster: string, placement: string] {
  return [
    put("cluster.json", shape.clusterText),
    put("placement.json", JSON.stringify(shape.file)),
  ];
}

describe("helix-place export", () => {
  it("lists every target", async () => {
    const { code, out } = await call("export", "--list");
    expect(code).toBe(0);
    for (const name of Object.keys(EXPORT_TARGETS)) expect(out).toContain(`\n${name} `);
  });

  it("writes a folder with a README, and addresses from a CSV", async () => {
    const csv = put("hosts.csv", "node,host,port\nmid-0,10.9.0.1,8001\nsmall-0,gpu-2\n");
    const target = join(folder, "new", "vllm");
    const shape = files(SHAPES["one-chain"]!);
    const { code, out } = await call(
      "export",
      ...shape,
      "--to",
      "vllm",
      `--output=${target}`,
      `--addresses=${csv}`,
      "--model=/weights/my model",
    );
    expect([code, out]).toEqual([0, ""]);
    expect(readFileSync(join(target, "README.md"), "utf8")).toContain("chain-1/rank-1-small-0.sh");
    const script = readFileSync(join(target, "chain-1", "rank-0-mid-0.sh"), "utf8");
    expect(script).toContain("vllm serve '/weights/my model'");
    expect(script).toContain("--master-addr 10.9.0.1");
    expect(script).toContain("--port 8001");
  });

  it.each([
    ["", /line 1\s+found\s+nothing$/m],
    ["# none yet\n\n", /line 1\s+found\s+nothing$/m],
    ["node,host,port\n", /line 2\s+found\s+nothing after the header$/m],
  ])("takes no addresses %j for some", async (text, message) => {
    const csv = put("none.csv", text);
    const { code, err } = await call(
      "export",
      ...files(SHAPES["one-chain"]!),
      "--to=vllm",
      `--addresses=${csv}`,
    );
    expect(code).toBe(2);
    expect(err).toContain(csv);
    expect(err).toMatch(message);
  });

  it("says which nodes are reached under their ids beside those with an address", async () => {
    const csv = put("some.csv", "mid-0,10.9.0.1\n");
    const { code, err } = await call(
      "export",
      ...files(SHAPES["one-chain"]!),
      "--to=vllm",
      `--addresses=${csv}`,
    );
    expect(code).toBe(0);
    expect(err).toContain(`${csv} has no address for small-0`);
  });

  it("leaves files of an earlier plan alone", async () => {
    const shape = files(SHAPES["one-chain"]!);
    const again = await call("export", ...shape, "--to", "nginx", `--output=${folder}`);
    expect(again.code).toBe(2);
    expect(again.err).toContain("a folder with files in it");
  });

  it("refuses with reason, nodes, layers and remedy", async () => {
    const shape = files(SHAPES["overlapping"]!);
    const { code, out, err } = await call("export", ...shape, "--to", "vllm");
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("right [20, 48): 2 pipelines share the node");
    expect(err).toContain("Plan with --chains-only.");
  });

  it("refuses a placement that does not hold", async () => {
    const { clusterText, file } = SHAPES["one-chain"]!;
    const [cluster] = files(SHAPES["one-chain"]!);
    const wrong = put("wrong.json", JSON.stringify({ ...file, throughput: file.throughput * 2 }));
    expect(clusterText).not.toBe("");
    const { code, err } = await call("export", cluster, wrong, "--to", "helix");
    expect(code).toBe(1);
    expect(err).toContain("does not hold");
  });

  it.each([
    [["--to", "vlm"], 'Did you mean "vllm"'],
    [[], "--to"],
    [["--to", "vllm", "--addresses", "BAD"], '"no host"'],
  ])("names what is wrong with %j", async (options, message) => {
    const bad = put("bad.csv", "mid-0,no host\nmid-1,h\nbig-0,h,99999\n");
    const shape = files(SHAPES["one-chain"]!);
    const given = options.map((option) => (option === "BAD" ? bad : option));
    const { code, err } = await call("export", ...shape, ...given);
    expect(code).toBe(2);
    expect(err).toContain(message);
    if (given.includes(bad)) expect(err).toMatch(/3 problems/);
  });
});

describe("helix-place import --placement", () => {
  it("makes a placement file that check takes", async () => {
    const [cluster] = files(SHAPES["one-chain"]!);
    const blocks = put("blocks.csv", "mid-0,0:10\nsmall-0,10:18\nbig-0,18:48\n");
    const target = join(folder, "imported.json");
    const made = await call(
      "import",
      blocks,
      "--placement=petals",
      `--cluster=${cluster}`,
      `--output=${target}`,
    );
    expect([made.code, made.out]).toEqual([0, ""]);
    expect(made.err).toContain("3 nodes hold layers: 1000.0 tokens/s");
    const checked = await call("check", cluster, target);
    expect([checked.code, checked.err]).toEqual([0, ""]);
  });
});

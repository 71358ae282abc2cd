import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Comparison } from "../../src/serving/simulate/compare.js";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import { runCli } from "../support/run-cli.js";

const CLUSTER = {
  format: "helix-place/cluster@1",
  name: "four",
  model: "llama-3-8b",
  machines: { l4: { gpu: "L4" } },
  nodes: [{ id: "n", machine: "l4", count: 2 }],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
};
const PLAIN = ["--iteration-limit", "1", "--threads", "0"];
const SHORT = ["--warmup", "20", "--duration", "40", "--threads", "0"];

let folder = "";
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "engine-"));
  await writeFile(at("none.json"), JSON.stringify(CLUSTER));
  const named = { ...CLUSTER, engine: { name: "vllm", batchTokens: 640 } };
  await writeFile(at("vllm.json"), JSON.stringify(named));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function plan(cluster: string, out: string, ...more: readonly string[]) {
  const run = await runCli([at(cluster), ...PLAIN, "-o", at(out), ...more]);
  const text = await readFile(at(out), "utf8").catch(() => "{}");
  return { ...run, file: JSON.parse(text) as PlacementFile };
}

describe("the engine of a plan", () => {
  test("is the cluster file's, recorded with what is set of it, and the output says who chose it", async () => {
    const { code, err, file } = await plan("vllm.json", "a.json");
    expect(code).toBe(0);
    expect(err).toContain("engine vllm (640 tokens a batch), from the cluster file");
    expect(file.engine).toBe("vllm");
    expect(file.engineSettings).toEqual({ batchTokens: 640 });
    expect(file.constraints?.chainsOnly).toBe(true);
  });

  test("is the one asked for, without the settings of another", async () => {
    const { err, file } = await plan(
      "vllm.json",
      "b.json",
      "--engine",
      "llama.cpp",
      "--no-choose-batch-tokens",
    );
    expect(err).toContain("engine llama.cpp, asked for");
    expect(file.engine).toBe("llama.cpp");
    expect(file.engineSettings).toBeUndefined();
  });

  test("is vLLM, for what it serves, where nobody chose one and machines are described by cards", async () => {
    const { err, file } = await plan("none.json", "c.json");
    expect(file.engine).toBe("vllm");
    expect(file.objective).toBe("served");
    expect(file.served!.decodeTokensPerSecond).toBeGreaterThan(0);
    expect(file.served!.decodeTokensPerSecond + file.served!.promptTokensPerSecond).toBeLessThan(
      file.throughput,
    );
    expect(err).toContain("engine vllm, the default where machines are described by their cards");
    expect(err).toContain("--objective flow");
  });

  test("gets the steps that serve most, says so, and methods are compared with those steps, too", async () => {
    const { err, file } = await plan("none.json", "d.json");
    const { batchTokens } = file.engineSettings!;
    const { engineStep, decodeTokensPerSecond } = file.served!;
    expect(batchTokens).toBeLessThan(engineStep!.batchTokens);
    expect(engineStep!.decodeTokensPerSecond).toBeLessThan(decodeTokensPerSecond);
    expect(err).toContain(
      `chosen: steps of ${batchTokens} tokens, which launch files set; with the engine's own 2048`,
    );
    const few = ["--strategy", "separate", "--json", "--quiet"];
    const compared = await runCli([
      "compare",
      at("none.json"),
      "--placement",
      at("d.json"),
      ...few,
      ...SHORT,
    ]);
    const { rows } = JSON.parse(compared.out) as Comparison;
    expect(rows.map(({ placement }) => placement)).toEqual([
      at("d.json"),
      "separate",
      `separate, steps of ${batchTokens}`,
    ]);
    const [, own, sized] = rows.map(({ report }) => report.result.decodeTokensPerSecond);
    expect(sized).not.toBe(own);
  });

  test("is not recorded, and the objective is flow, where T(k) is given", async () => {
    const profile = { tokensPerSecond: Array.from({ length: 32 }, (_, at) => 900 / (at + 1)) };
    await writeFile(
      at("given.json"),
      JSON.stringify({ ...CLUSTER, machines: { l4: { profile } } }),
    );
    const { err, file } = await plan("given.json", "c.json");
    expect(file.engine).toBeUndefined();
    expect(file.objective).toBe("flow");
    expect(err).not.toContain("engine ");
  });

  test("refuses what it has no place for, and names the nearest of a name it does not know", async () => {
    const { code, err } = await plan(
      "none.json",
      "d.json",
      "--engine",
      "petals",
      "--max-sequences",
      "3",
    );
    expect(code).toBe(2);
    expect(err).toContain("maxSequences");
    const policy = await plan(
      "vllm.json",
      "d.json",
      "--objective",
      "goodput",
      "--batching",
      "decode-first",
    );
    expect(policy.code).toBe(2);
    expect(policy.err).toContain("--batching");
    for (const engine of ["sgland", { name: "sgland" }]) {
      await writeFile(at("wrong.json"), JSON.stringify({ ...CLUSTER, engine }));
      const wrong = await plan("wrong.json", "d.json");
      expect(wrong.code).toBe(2);
      expect(wrong.err).toContain('Did you mean "sglang"?');
    }
  });
});

describe("what was set of an engine", () => {
  test("travels from the plan to simulate, explain, check and export", async () => {
    await plan(
      "none.json",
      "s.json",
      "--engine",
      "vllm",
      "--batch-tokens",
      "320",
      "--max-sequences",
      "9",
    );
    const files = [at("none.json"), at("s.json")];
    const settings =
      "vllm (320 tokens a batch, 9 requests a batch), as the placement was planned for";
    const simulated = await runCli(["simulate", ...files, ...SHORT, "--quiet"]);
    expect(simulated.out).toContain(`Engine ${settings}`);
    expect((await runCli(["explain", ...files])).out).toContain(`Engine ${settings}`);
    expect((await runCli(["check", ...files])).code).toBe(0);
    const exported = await runCli(["export", ...files, "--to", "vllm", "--no-simulation"]);
    expect(exported.out).toContain("--max-num-batched-tokens 320");
    expect(exported.out).toMatch(/--max-num-seqs (9|18)\b/);
  });

  test("can be set anew for a simulation and an export, which says what it changes", async () => {
    await plan("vllm.json", "t.json");
    const files = [at("vllm.json"), at("t.json")];
    const batch = ["--batch-tokens", "2000"];
    const simulated = await runCli(["simulate", ...files, ...SHORT, ...batch, "--quiet"]);
    expect(simulated.out).toContain(
      "Engine vllm (2000 tokens a batch), as the placement was planned for, set as asked",
    );
    const exported = await runCli(["export", ...files, "--to", "vllm", ...batch]);
    expect(exported.err).toMatch(
      /made for vLLM \(640 tokens a batch\).*vLLM \(2000 tokens a batch\)/,
    );
    expect(exported.out).toContain("--max-num-batched-tokens 2000");
    const other = await runCli(["export", ...files, "--to", "vllm", "--engine", "exo"]);
    expect(other.code).toBe(2);
  });

  test("of several placements is each one's own in a comparison", async () => {
    await plan("none.json", "u.json", "--engine", "llama.cpp");
    await plan("none.json", "v.json", "--engine", "vllm");
    const words = ["--placement", at("u.json"), at("v.json"), "--strategy", "swarm", "--json"];
    const { out } = await runCli(["compare", at("none.json"), ...words, ...SHORT, "--quiet"]);
    const { rows } = JSON.parse(out) as { rows: { report: { engine: string } }[] };
    // The method with the engine's own steps, and with those chosen for the same engine.
    const engines = rows.map(({ report }) => report.engine);
    expect(engines).toEqual(["llama.cpp", "vllm", "vllm", "vllm"]);
  });
});

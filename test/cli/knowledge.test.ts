import { mkdtempSync, rmSync, writeFileSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { gpuNames } from "../../src/hardware/find-gpu.js";
import { CONFIG_SAMPLES, DEEPSEEK_V3 } from "../model/configs.js";
import { writeGguf } from "../model/gguf-writer.js";
import { runCli } from "../support/run-cli.js";

const folder = mkdtempSync(join(tmpdir(), "knowledge-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const helixPlace = (...argv: readonly string[]) => runCli(argv);

const QUICK = ["--threads", "0", "--gap", "0.9", "--time-limit", "2"];

/** A cluster file without any profile, planned; the layers of the placement. */
async function plannedLayers(model: unknown, machine: unknown, count: number): Promise<number> {
  const path = write(
    "cluster.json",
    JSON.stringify({
      format: "helix-place/cluster@1",
      name: "knowledge",
      model,
      machines: { m: machine },
      nodes: [{ id: "m", machine: "m", count }],
      network: { withinRegion: { bandwidth: "10 GB/s", latency: "1 ms" } },
    }),
  );
  const { code, out, err } = await helixPlace(path, ...QUICK);
  if (code !== 0) throw new Error(err);
  const placement = JSON.parse(out) as { throughput: number; model: { layers: number } };
  expect(placement.throughput).toBeGreaterThan(0);
  return placement.model.layers;
}

describe("planning without profiles", () => {
  const H100 = { gpu: "H100-80GB", gpus: 8 };

  it("plans llama-3-405b and mixtral on machines of eight H100", async () => {
    expect(await plannedLayers("llama-3-405b", H100, 2)).toBe(126);
    expect(await plannedLayers("mixtral-8x7b", H100, 2)).toBe(32);
  });

  it("plans a local config.json, in another type of weights too, and a GGUF file", async () => {
    write("config.json", JSON.stringify(CONFIG_SAMPLES[0]!.config));
    expect(await plannedLayers({ config: "config.json" }, H100, 1)).toBe(80);
    expect(await plannedLayers({ config: "config.json", dtype: "int4" }, { gpu: "L4" }, 4)).toBe(
      80,
    );
    write("tiny.gguf", TINY_GGUF);
    expect(await plannedLayers({ config: "tiny.gguf" }, { gpu: "T4" }, 2)).toBe(2);
  });

  it("plans mixtral on a cluster of every card of the catalogue", async () => {
    const names = gpuNames();
    const path = write(
      "cluster.json",
      JSON.stringify({
        format: "helix-place/cluster@1",
        name: "museum",
        model: "mixtral-8x7b",
        machines: Object.fromEntries(names.map((gpu) => [gpu, { gpu }])),
        nodes: names.map((gpu) => ({ id: gpu, machine: gpu })),
        network: { withinRegion: { bandwidth: "10 GB/s", latency: "1 ms" } },
      }),
    );
    const { code, err } = await helixPlace(path, ...QUICK);
    expect(code, err).toBe(0);
  });

  it("offers the nearest cards for a misspelt one", async () => {
    await expect(plannedLayers("mixtral-8x7b", { gpu: "H100-80G" }, 2)).rejects.toThrow(
      /machines\.m\.gpu[^]*H100-80GB/,
    );
  });
});

const TINY_GGUF = writeGguf(
  {
    "general.architecture": "llama",
    "llama.block_count": 2,
    "llama.embedding_length": 256,
    "llama.attention.head_count": 4,
  },
  [0, 1].map((n) => ({ name: `blk.${n}.ffn_up.weight`, dimensions: [256, 1024], type: 12 })),
);

describe("helix-place model", () => {
  it("shows a preset, a config.json and a GGUF file", async () => {
    const preset = await helixPlace("model", "llama-2-70b");
    expect(preset.code).toBe(0);
    expect(preset.out).toContain("68,976,648,192");
    const config = write("deepseek.json", JSON.stringify(DEEPSEEK_V3));
    const json = await helixPlace("model", config, "--json");
    expect(JSON.parse(json.out)).toMatchObject({
      name: "deepseek",
      layers: 61,
      kvBytesPerTokenAndLayer: 1152,
      activationBytesPerToken: 14336,
    });
    const gguf = await helixPlace("model", write("tiny.gguf", TINY_GGUF), "--json");
    expect(JSON.parse(gguf.out)).toMatchObject({ layers: 2, weightBytes: 2 * 1024 * 144 });
  });

  it.each([
    [["llama-2-70"], "llama-2-70b"],
    [["nothing.json"], "no such file"],
    [["nothing.gguf"], "no such file"],
    [["llama-2-70b", "--dtype", "int5"], "int4"],
  ])("refuses %j", async (args, message) => {
    const { code, err } = await helixPlace("model", ...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it("refuses a GGUF file that ends inside its header", async () => {
    const { code, err } = await helixPlace("model", write("cut.gguf", TINY_GGUF.subarray(0, 90)));
    expect(code).toBe(2);
    expect(err).toContain("Download it again");
  });
});

describe("helix-place import", () => {
  it("writes a cluster that plans as it stands, and lists what it assumed", async () => {
    const smi = write(
      "smi.csv",
      `name, memory.total [MiB]\n${"NVIDIA A100-SXM4-80GB, 81920 MiB\n".repeat(4)}`,
    );
    const links = write("net.csv", "Gb/s,box-1,box-2\nbox-1,,20\nbox-2,18,\n");
    const output = join(folder, "imported.json");
    const files = ["--nvidia-smi", `box-1=${smi}`, `box-2=${smi}`, "--bandwidth", links];
    const { code, out, err } = await helixPlace("import", ...files, "-o", output);
    expect([code, out]).toEqual([0, ""]);
    expect(err).toContain("assumed: latency");
    const planned = await helixPlace(output, ...QUICK);
    expect(planned.code).toBe(0);
    const file = JSON.parse(readFileSync(output, "utf8")) as { nodes: unknown[] };
    expect(file.nodes).toHaveLength(2);
  });

  it.each([
    ["nothing", []],
    ["two kinds at once", ["--helix", "a.ini", "--bandwidth", "b.csv"]],
    ["a missing file", ["--kubernetes", "missing.json"]],
    ["a card nobody has", ["--bandwidth", "NET", "--gpu", "A1000"]],
    ["a model nobody has", ["--bandwidth", "NET", "--model", "lama-3-70b"]],
    [
      "hosts that the matrix lacks",
      ["--nvidia-smi", "box=SMI", "--nvidia-smi", "other=SMI", "--bandwidth", "NET"],
    ],
    ["a host twice", ["--nvidia-smi", "box=SMI", "box=SMI"]],
  ])("refuses %s", async (_, args) => {
    const net = write("net.csv", ",a,b\na,,1\nb,1,\n");
    const smi = write("smi.csv", "Tesla T4, 15360 MiB\n");
    const named = args.map((arg) => arg.replace("NET", net).replace("SMI", smi));
    const { code, out, err } = await helixPlace("import", ...named);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("remedy");
  });

  it("plans a matrix alone on the cards that are named", async () => {
    const net = write("net.csv", ",a,b\na,,1000\nb,1000,\n");
    const { code, out, err } = await helixPlace(
      "import",
      "--bandwidth",
      net,
      "--gpu",
      "L40S",
      "--gpus",
      "2",
    );
    expect(code).toBe(0);
    expect(err).not.toContain("every host has");
    expect((await helixPlace(write("alone.json", out), ...QUICK)).code).toBe(0);
  });
});

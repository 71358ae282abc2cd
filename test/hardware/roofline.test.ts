import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layerRuns } from "../../src/core/model.js";
import { findModelPreset, modelPresetNames, readModelPreset } from "../../src/model/presets.js";
import { curveAt } from "../../src/hardware/curve.js";
import { findGpu, gpuNames } from "../../src/hardware/find-gpu.js";
import { GPU_CATALOGUE } from "../../src/hardware/gpu-catalogue.js";
import { kvReplication, estimateCurves } from "../../src/hardware/roofline.js";
import type { GpuGroup } from "../../src/hardware/roofline.js";
import { PAPER_WORKLOAD } from "./samples.js";

const LLAMA = findModelPreset("llama-2-70b")!;

function group(gpu: string, gpus: number = 1, interconnect: "nvlink" | "pcie" = "pcie"): GpuGroup {
  return { gpu: findGpu(gpu)!, gpus, interconnect };
}

describe("estimateCurves", () => {
  /** Seconds for one layer measured in the public Helix artifact, 70B: [GPU, GPUs, prompt of 2000, decode of 100]. */
  const MEASURED: readonly (readonly [string, number, number, number])[] = [
    ["A100-40GB", 1, 0.014, 0.0025],
    ["V100-16GB", 1, 0.037, 0.005],
    ["L4", 1, 0.072, 0.0094],
    ["L4", 2, 0.049, 0.0056],
    ["T4", 1, 0.128, 0.0117],
    ["T4", 2, 0.073, 0.0074],
    ["T4", 4, 0.057, 0.0055],
  ];

  it.each(MEASURED)(
    "is within 30%% of what was measured on %s × %i",
    (gpu, gpus, prompt, decode) => {
      const curves = estimateCurves(group(gpu, gpus), LLAMA, PAPER_WORKLOAD);
      const promptSeconds = curveAt(curves.promptSeconds, 2000, "flat");
      const decodeSeconds = curveAt(curves.decodeSeconds, 100, "flat");
      expect(Math.abs(promptSeconds / prompt - 1)).toBeLessThan(0.3);
      expect(Math.abs(decodeSeconds / decode - 1)).toBeLessThan(0.3);
    },
  );

  it("rises with the batch for every card and every model", () => {
    const models = modelPresetNames().map((name) => findModelPreset(name)!);
    for (const gpu of GPU_CATALOGUE) {
      for (const model of models) {
        const curves = estimateCurves(
          { gpu, gpus: 1, interconnect: "pcie" },
          model,
          PAPER_WORKLOAD,
        );
        for (const curve of [curves.promptSeconds, curves.decodeSeconds]) {
          const wrong = curve.filter(([x, y], index) => {
            const [lastX, lastY] = curve[index - 1] ?? [0, Number.MIN_VALUE];
            return !(Number.isFinite(y) && x > lastX && y >= lastY);
          });
          expect(wrong).toEqual([]);
        }
      }
    }
  });

  it("is never slower with faster hardware or faster links", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("flopsPerSecond" as const, "bandwidthBytesPerSecond" as const),
        fc.double({ min: 1, max: 4, noNaN: true }),
        (field, factor) => {
          const base = group("A100-40GB", 4, "nvlink");
          const better = { ...base, gpu: { ...base.gpu, [field]: base.gpu[field] * factor } };
          const before = estimateCurves(base, LLAMA, PAPER_WORKLOAD);
          const after = estimateCurves(better, LLAMA, PAPER_WORKLOAD);
          before.decodeSeconds.forEach(([, y], index) => {
            expect(after.decodeSeconds[index]![1]).toBeLessThanOrEqual(y * (1 + 1e-12));
          });
        },
      ),
      { seed: 5, numRuns: 50 },
    );
    const over = (interconnect: "nvlink" | "pcie") =>
      estimateCurves(group("A100-40GB", 4, interconnect), LLAMA, PAPER_WORKLOAD).promptSeconds;
    over("nvlink").forEach(([, y], index) => expect(y).toBeLessThan(over("pcie")[index]![1]));
  });

  it("reads few experts for one sequence and nearly all for a large batch", () => {
    const mixtral = findModelPreset("mixtral-8x7b")!;
    const curve = estimateCurves(group("A100-80GB"), mixtral, PAPER_WORKLOAD).decodeSeconds;
    const share = mixtral.layerBytes / 2039e9 / 0.834;
    expect(curve[0]![1]).toBeLessThan(0.4 * share);
    expect(curveAt(curve, 64, "flat")).toBeGreaterThan(share);
  });

  it("runs 8-bit weights in 8 bits only where the card can", () => {
    const preset = readModelPreset(LLAMA.name, { dtype: "fp8" });
    if (preset?.kind !== "model") throw new Error("no preset");
    const eight = preset.model;
    const at = (gpu: string, model: typeof LLAMA): number =>
      curveAt(estimateCurves(group(gpu), model, PAPER_WORKLOAD).promptSeconds, 8192, "flat");
    // Products of a layer of Llama 3 70B with 8,192 tokens: 9.59 and 18.81 ms (aiconfigurator); the rest is 16 bits.
    expect(at("H100-80GB", eight)).toBeLessThan(0.75 * at("H100-80GB", LLAMA));
    expect(at("A100-40GB", eight)).toBeGreaterThan(0.95 * at("A100-40GB", LLAMA));
  });

  it("holds a latent cache once per GPU, and heads no further apart than one per GPU", () => {
    const copies = (name: string): number =>
      kvReplication(group("H100-80GB", 8), layerRuns(findModelPreset(name)!)[0]!.cacheHeads);
    expect(copies("deepseek-v3")).toBe(8);
    expect(copies("llama-2-70b")).toBe(1);
    expect(copies("qwen-2.5-7b")).toBe(2);
  });
});

describe("findGpu", () => {
  it.each([
    ["A100-40GB", "A100-40GB"],
    ["NVIDIA-A100-SXM4-40GB", "A100-40GB"],
    ["NVIDIA A100-SXM4-80GB", "A100-80GB"],
    ["NVIDIA A100 80GB PCIe", "A100-80GB-PCIe"],
    ["NVIDIA-H100-80GB-HBM3", "H100-80GB"],
    ["NVIDIA H200", "H200-141GB"],
    ["Tesla-T4", "T4"],
    ["Tesla V100-SXM2-16GB", "V100-16GB"],
    ["NVIDIA GeForce RTX 4090", "RTX-4090"],
    ["NVIDIA RTX 6000 Ada Generation", "RTX-6000-Ada"],
    ["NVIDIA L40S", "L40S"],
    ["AMD Instinct MI300X OAM", "MI300X"],
  ])("knows %s as %s", (name, expected) => {
    expect(findGpu(name)?.name).toBe(expected);
  });

  it("knows every name it lists, prefers custom entries, and makes nothing up", () => {
    for (const name of gpuNames()) expect(findGpu(name)?.name).toBe(name);
    const own = { ...findGpu("T4")!, source: "own" };
    expect(findGpu("T4", [own])?.source).toBe("own");
    expect(findGpu("A100")).toBeUndefined();
    expect(findGpu("H100-80G")).toBeUndefined();
  });

  it("lists dense figures: fp8 at most twice 16 bits", () => {
    for (const gpu of GPU_CATALOGUE) {
      const { flopsPerSecond: dense, fp8FlopsPerSecond: eight, source } = gpu;
      expect(source.length).toBeGreaterThan(10);
      expect(gpu.sustainedShare ?? 1).toBeLessThanOrEqual(1);
      if (eight !== undefined) expect(eight / dense).toBeLessThan(2.1);
    }
  });
});

describe("curveAt", () => {
  const curve = [
    [0, 0],
    [2, 4],
    [4, 5],
  ] as const;
  it.each([
    [1, "flat", 4],
    [1, "through-zero", 2],
    [3, "flat", 4.5],
    [4, "flat", 5],
    [8, "flat", 7],
  ] as const)("at %d, %s below the first sample, is %d", (x, below, value) => {
    expect(curveAt(curve, x, below)).toBeCloseTo(value, 12);
  });

  it("needs one sample only and never falls beyond the last", () => {
    expect(
      curveAt(
        [
          [2, 3],
          [3, 2],
        ],
        9,
        "flat",
      ),
    ).toBe(2);
    expect(curveAt([[2, 3]], 1, "flat")).toBe(3);
    expect(curveAt([[2, 3]], 4, "through-zero")).toBe(6);
  });
});

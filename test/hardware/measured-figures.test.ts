import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findModelPreset } from "../../src/model/presets.js";
import { allReduceSeconds } from "../../src/hardware/all-reduce.js";
import { efficiencyOf } from "../../src/hardware/card-efficiency.js";
import { engineOverhead } from "../../src/hardware/engine-overhead.js";
import { findGpu, gpuNames } from "../../src/hardware/find-gpu.js";
import type { GpuGroup } from "../../src/hardware/gpu-group.js";
import { layerCosts } from "../../src/hardware/layer-cost.js";
import { elementwiseSeconds, productSeconds } from "../../src/hardware/layer-seconds.js";
import { estimateServingRun } from "../../src/hardware/serving-run.js";

function group(name: string, gpus = 1): GpuGroup {
  const gpu = findGpu(name)!;
  return { gpu, gpus, interconnect: gpu.directBytesPerSecond === undefined ? "pcie" : "nvlink" };
}

function pass(name: string, gpus: number, model: string, tokens: number) {
  const found = findModelPreset(model)!;
  const [cost] = layerCosts(found);
  const hiddenSize = found.activationBytes / 2;
  return { group: group(name, gpus), cost: cost!, hiddenSize, tokens, decoding: tokens <= 256 };
}

describe("a layer on a card", () => {
  /** Microseconds without attention, from Vidur's public profiles (MIT). */
  it.each([
    ["A100-80GB", 4, "llama-2-70b", 1, 311],
    ["A100-80GB", 4, "llama-2-70b", 256, 638],
    ["A100-80GB", 4, "llama-2-70b", 4096, 7961],
    ["H100-80GB", 4, "llama-2-70b", 64, 191],
    ["H100-80GB", 4, "llama-2-70b", 4096, 2778],
  ])("%s × %i with %s takes for %i tokens about %i µs", (name, gpus, model, tokens, measured) => {
    const at = pass(name, gpus, model, tokens);
    const micros = (productSeconds(at) + elementwiseSeconds(at) + 12e-6) * 1e6;
    expect(Math.abs(micros / measured - 1)).toBeLessThan(0.15);
  });

  it("never gets faster with more tokens, nor slower with more cards, on any card", () => {
    const token = fc.integer({ min: 1, max: 16_000 });
    fc.assert(
      fc.property(fc.constantFrom(...gpuNames()), token, token, (name, a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        const few = productSeconds({ ...pass(name, 1, "mixtral-8x7b", less), decoding: false });
        const many = productSeconds({ ...pass(name, 1, "mixtral-8x7b", more), decoding: false });
        const split = productSeconds({ ...pass(name, 4, "mixtral-8x7b", more), decoding: false });
        expect(few).toBeLessThanOrEqual(many);
        expect(split).toBeLessThan(many);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it("says which efficiencies were measured", () => {
    expect(efficiencyOf(findGpu("L40S")!).source).toBe("measured");
    expect(efficiencyOf(findGpu("RTX-6000-Ada")!).source).toBe("like a measured card");
    expect(efficiencyOf(findGpu("T4")!).source).toBe("assumed");
  });
});

describe("an all-reduce", () => {
  /** GB/s per card of large sums over PCIe (aiconfigurator, Apache-2.0). */
  it.each([
    ["L40S", 2, 19.2],
    ["L40S", 4, 3.8],
    ["L40S", 8, 2],
  ])("over %s × %i reaches about %d GB/s", (name, gpus, measured) => {
    const bytes = 1e9;
    const sent = ((2 * (gpus - 1)) / gpus) * bytes;
    const rate = sent / allReduceSeconds(group(name, gpus), bytes) / 1e9;
    expect(Math.abs(rate / measured - 1)).toBeLessThan(0.15);
  });

  it("costs nothing alone, and more for more bytes and for more cards without a switch", () => {
    for (const name of gpuNames()) {
      expect(allReduceSeconds(group(name, 1), 1e6)).toBe(0);
      for (const gpus of [2, 3, 4, 6, 8, 16]) {
        const at = group(name, gpus);
        expect(allReduceSeconds(at, 1e6)).toBeLessThan(allReduceSeconds(at, 2e6));
        expect(allReduceSeconds(at, 1e6, "graph")).toBeLessThan(allReduceSeconds(at, 1e6, "eager"));
      }
    }
    expect(allReduceSeconds(group("L40S", 8), 1e6)).toBeGreaterThan(
      allReduceSeconds(group("L40S", 2), 1e6),
    );
  });
});

describe("a whole serving run", () => {
  const run = (concurrency: number, gpus = 2) => ({
    group: group("H100-80GB", gpus),
    model: findModelPreset("qwen-3-32b")!,
    overhead: engineOverhead("vllm", "0.12.0"),
    promptTokens: 1024,
    outputTokens: 1024,
    concurrency,
  });

  /** Milliseconds a token of Qwen3 32B in bf16 on H100, vLLM 0.12.0 (aiconfigurator, Apache-2.0). */
  it.each([
    [8, 2, 15.9],
    [128, 2, 37.8],
    [8, 8, 8],
    [64, 8, 13.3],
  ])("of %i requests on %i cards takes about %d ms a token", (concurrency, gpus, measured) => {
    const millis = estimateServingRun(run(concurrency, gpus)).perTokenSeconds * 1e3;
    expect(Math.abs(millis / measured - 1)).toBeLessThan(0.2);
  });

  it("makes requests wait only where the cache is full", () => {
    const free = estimateServingRun(run(32));
    expect(free.resident).toBe(32);
    const full = estimateServingRun(run(2000));
    expect(full.resident).toBeLessThan(2000);
    expect(full.firstTokenSeconds).toBeGreaterThan(10 * free.firstTokenSeconds);
    expect(estimateServingRun(run(4000)).perTokenSeconds).toBeCloseTo(full.perTokenSeconds, 9);
  });

  it("knows an engine by its version, and takes vLLM's figures for one it does not know", () => {
    expect(engineOverhead("trtllm", "1.2")).not.toEqual(engineOverhead("trtllm", ""));
    expect(engineOverhead("other")).toEqual(engineOverhead("vllm"));
  });
});

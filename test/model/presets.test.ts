import { describe, expect, it } from "vitest";
import { layerRuns, listLayers } from "../../src/core/model.js";
import { findModelPreset, modelPresetNames, readModelPreset } from "../../src/model/presets.js";
import { findWorkloadPreset, workloadPresetNames } from "../../src/model/workload-presets.js";

/** Published parameter counts (the checkpoints' own totals). */
const TOTALS: Readonly<Record<string, number>> = {
  "llama-2-7b": 6_738_415_616,
  "llama-2-13b": 13_015_864_320,
  "llama-2-70b": 68_976_648_192,
  "llama-30b": 32_528_943_616,
  "llama-3-8b": 8_030_261_248,
  "llama-3-70b": 70_553_706_496,
  "llama-3-405b": 405_853_388_800,
  "llama-3.2-1b": 1_235_814_400,
  "llama-3.2-3b": 3_212_749_824,
  "mistral-7b": 7_241_732_096,
  "mixtral-8x7b": 46_702_792_704,
  "mixtral-8x22b": 140_630_071_296,
  "qwen-2.5-7b": 7_615_616_512,
  "qwen-2.5-14b": 14_770_033_664,
  "qwen-2.5-32b": 32_763_876_352,
  "qwen-2.5-72b": 72_706_203_648,
  "qwen-3-8b": 8_190_735_360,
  "qwen-3-32b": 32_762_123_264,
  "qwen-3-30b-a3b": 30_532_122_624,
  "qwen-3-235b-a22b": 235_093_634_560,
  "gemma-2-9b": 9_241_705_984,
  "gemma-2-27b": 27_227_128_320,
  "phi-3-mini": 3_821_079_552,
  "phi-3-medium": 13_960_238_080,
  "phi-4": 14_659_507_200,
  "qwen-3-0.6b": 596_049_920,
  "qwen-3-1.7b": 1_720_574_976,
  "qwen-3-4b": 4_022_468_096,
  "qwen-3-14b": 14_768_307_200,
  "gpt-oss-20b": 20_914_757_184,
  "gpt-oss-120b": 116_829_156_672,
  "mistral-nemo-12b": 12_247_782_400,
  "mistral-small-24b": 23_572_403_200,
  "mistral-large-123b": 122_610_069_504,
  "gemma-3-1b": 999_885_952,
  // With the vision part.
  "gemma-3-4b": 4_300_079_472,
  "gemma-3-12b": 12_187_325_040,
  "gemma-3-27b": 27_432_406_640,
  "llama-4-scout": 108_641_793_536,
  "llama-4-maverick": 401_583_781_376,
};

/** Published sizes that are given in rounded billions: totals, and what one token passes. */
const ROUNDED: readonly (readonly [string, number, number?])[] = [
  ["qwen-3-next-80b-a3b", 80, 3.9],
  ["qwen-3.5-27b", 27.36],
  ["qwen-3.5-35b-a3b", 35, 3.5],
  ["llama-4-scout", 108.6, 17],
  ["llama-4-maverick", 401.6, 17],
  ["deepseek-v3.1", 671, 37.6],
  ["deepseek-r1", 671, 37.6],
  ["deepseek-v3.2", 672],
  ["kimi-k2", 1026, 33],
  ["glm-4.5", 355, 33],
  ["glm-4.5-air", 106, 13],
  ["glm-5", 744],
  ["minimax-m2", 229, 11],
];

describe("model presets", () => {
  it.each(Object.entries(TOTALS))("%s has its published number of parameters", (name, total) => {
    expect(findModelPreset(name)!.parameters!.total).toBe(total);
  });

  it.each(ROUNDED.map(([name, total, active]) => ({ name, total, active })))(
    "$name has about $total billion parameters",
    ({ name, total, active }) => {
      const found = findModelPreset(name)!;
      expect(Math.abs(found.parameters!.total / 1e9 / total - 1)).toBeLessThan(0.01);
      if (active === undefined) return;
      expect(Math.abs(found.parameters!.active / 1e9 / active - 1)).toBeLessThan(0.04);
    },
  );

  it("takes other types of weights and cache, and refuses what it does not know", () => {
    const read = (name: string, dtype: string, kvDtype?: string) =>
      readModelPreset(name, { dtype, ...(kvDtype === undefined ? {} : { kvDtype }) })!;
    const int4 = read("llama-3-70b", "int4", "fp8");
    expect(int4.kind === "model" && int4.model.kvBytesPerToken).toBe(2048);
    expect(int4.kind === "model" && int4.model.layerBytes).toBeLessThan(0.27 * 1711e6);
    const mixture = read("llama-3-70b", "q4_k_m");
    expect(mixture.kind === "model" && mixture.model.assumptions![0]!.where).toBe("dtype");
    expect(read("llama-3-70b", "q4_k_l").kind).toBe("problems");
    expect(readModelPreset("llama-9", {})).toBeUndefined();
  });

  it("counts DeepSeek-V3 to 671.03 B", () => {
    const total = findModelPreset("deepseek-v3")!.parameters!.total;
    expect(Math.abs(total - 671.03e9)).toBeLessThan(0.01e9);
  });

  it("gives Llama-2-70B the figures of the Helix artifact", () => {
    const model = findModelPreset("Llama-2-70B")!;
    expect(model).toMatchObject({
      layers: 80,
      activationBytes: 16_384,
      tokenBytes: 2,
      kvBytesPerToken: 4096,
      layerBytes: 855_654_400 * 2,
    });
    expect(layerRuns(model)).toHaveLength(1);
  });

  it("keeps bytes per layer where layers differ, and names the largest", () => {
    const model = findModelPreset("deepseek-v3")!;
    const bytes = listLayers(model).map((layer) => layer.bytes);
    expect(bytes).toHaveLength(61);
    expect(Math.max(...bytes)).toBe(model.layerBytes);
    expect(bytes[0]).toBeLessThan(model.layerBytes);
    expect(model.kvBytesPerToken).toBe((512 + 64) * 2);
  });

  it("keeps layers plus both ends equal to all parameters", () => {
    for (const name of modelPresetNames()) {
      const model = findModelPreset(name)!;
      const layers = listLayers(model).reduce((sum, { bytes }) => sum + bytes, 0);
      const ends = model.embeddingBytes! + model.headBytes! - (model.tiedBytes ?? 0);
      if (name.startsWith("gpt-oss")) continue; // in its own MXFP4
      expect(layers + ends).toBe(2 * model.parameters!.total);
    }
  });

  it("knows no other name", () => {
    expect(findModelPreset("constructor")).toBeUndefined();
    expect(findModelPreset("llama-9-70b")).toBeUndefined();
  });
});

describe("workload presets", () => {
  it("finds every name it lists", () => {
    for (const name of workloadPresetNames()) expect(findWorkloadPreset(name)?.name).toBe(name);
    expect(findWorkloadPreset("azure-conversation")).toMatchObject({
      promptTokens: 763.1,
      outputTokens: 232.4,
    });
    expect(findWorkloadPreset("nothing")).toBeUndefined();
  });
});

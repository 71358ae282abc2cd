import { describe, expect, it } from "vitest";
import { readMeasured } from "../../../src/exchange/import/measured-machine.js";
import { measureScript } from "../../../src/exchange/export/measure-script.js";
import { expectCluster, problemPaths, readBack } from "./planned.js";

const MEASURED = {
  format: "helix-place/measured@1",
  model: "qwen-3-8b",
  layers: 36,
  device: "cuda",
  card: "NVIDIA GeForce RTX 3090",
  memoryBytes: 24 * 2 ** 30,
  torch: "2.9.0",
  dtype: "bfloat16",
  parameters: 192_937_984,
  layerBytes: 385_875_968,
  contextTokens: 880,
  promptSeconds: [
    [64, 0.0006],
    [1024, 0.0065],
  ],
  decodeSeconds: [
    [1, 0.0005],
    [64, 0.0009],
  ],
};

describe("readMeasured", () => {
  it("makes measured curves of a known card", () => {
    const cluster = readBack(readMeasured(MEASURED, "m"));
    expect(cluster.machines[0]).toMatchObject({
      gpu: "RTX-3090",
      capacity: { source: "measured" },
    });
    expect(cluster.machines[0]!.capacity.curves!.promptSeconds).toEqual(MEASURED.promptSeconds);
  });

  it("describes an unknown card by what was measured", () => {
    const json = { ...MEASURED, card: "Some Processor", device: "cpu", memoryBytes: 64e9 };
    const { file } = expectCluster(readMeasured(json, "m"));
    expect(file.gpus!["Some Processor"]).toMatchObject({
      memory: 64e9,
      bandwidth: expect.closeTo(MEASURED.layerBytes / 0.0005, 0),
      unifiedMemory: true,
    });
    expect(readBack(readMeasured(json, "m")).machines[0]!.capacity.maxLayers).toBe(36);
  });

  it("reports all that is missing at once", () => {
    const json = {
      ...MEASURED,
      decodeSeconds: [
        [2, 1],
        [1, 1],
      ],
      card: 7,
      memoryBytes: 0,
    };
    expect(problemPaths(readMeasured(json, "m"))).toEqual(["decodeSeconds", "card", "memoryBytes"]);
  });

  it("names nothing but the format of a file that is something else", () => {
    for (const json of [[], null, { format: "helix-place/cluster@1" }, { max_concurrency: 1 }]) {
      expect(problemPaths(readMeasured(json, "m"))).toEqual(["format"]);
    }
  });
});

describe("measureScript", () => {
  it("keeps a model's name inside its string, whatever it is", () => {
    const model = 'x"\n"""); import os #';
    const sizes = { layers: 1, hiddenSize: 8, attentionHeads: 1, keyValueHeads: 1 };
    const rest = { headDimension: 8, intermediateSize: 8, contextTokens: 1 };
    const script = measureScript({ model, ...sizes, ...rest });
    expect(script).toContain(`"model": ${JSON.stringify(model)}`);
    expect(script.split("\n").some((line) => line.startsWith('"""); import'))).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { layerRuns } from "../../src/core/model.js";
import { loadCluster } from "../../src/formats/load-cluster.js";
import { InputError } from "../../src/core/errors.js";

function load(model: unknown) {
  const file = {
    format: "helix-place/cluster@1",
    name: "x",
    model,
    machines: { m: { gpu: "A100-40GB" } },
    nodes: [{ id: "n", machine: "m", count: 2 }],
    network: { withinRegion: { bandwidth: "1 GB/s" } },
  };
  return loadCluster("x.json", JSON.stringify(file)).cluster.model;
}

function problems(model: unknown): readonly string[] {
  try {
    load(model);
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.problems.map(({ path }) => path);
  }
}

const LISTED = {
  name: "mine",
  activationBytes: 8192,
  layers: [
    { count: 2, bytes: 1e9, kvBytesPerToken: 4096 },
    { bytes: 3e9, kvBytesPerToken: 1024, kvWindow: 512, activeParameters: 4e8 },
    { count: 3, bytes: 5e8, stateBytes: 1e6 },
  ],
};

describe("the model of a cluster file", () => {
  it("may be a list of layers", () => {
    const model = load(LISTED);
    expect(model.layers).toBe(6);
    expect(model.layerBytes).toBe(3e9);
    expect(layerRuns(model).map((run) => [run.count, run.kvWindow, run.stateBytes])).toEqual([
      [2, undefined, 0],
      [1, 512, 0],
      [3, undefined, 1e6],
    ]);
    expect(model.assumptions![0]!.where).toBe("model.layers[1].expertBytes");
  });

  it("may give its bytes with a unit, as everything else", () => {
    const sizes = { activationBytes: 8192, tokenBytes: 2, kvBytesPerToken: 4096 };
    const alike = { name: "mine", layers: 4, layerBytes: 1.5e9, ...sizes };
    const said = { layerBytes: "1.5 GB", activationBytes: "8 KiB", kvBytesPerToken: "4 KiB" };
    expect(load({ ...alike, ...said })).toEqual(load(alike));

    const { activationBytes } = LISTED;
    const layers = [{ bytes: 3e9, kvBytesPerToken: 1024, stateBytes: 1e6, expertBytes: 2e9 }];
    const listed = { name: "mine", activationBytes, headBytes: 1e9, embeddingBytes: 1e9, layers };
    const written = {
      bytes: "3 GB",
      kvBytesPerToken: "1 KiB",
      stateBytes: "1 MB",
      expertBytes: "2 GB",
    };
    expect(
      load({ ...listed, headBytes: "1 GB", embeddingBytes: "1 GB", layers: [written] }),
    ).toEqual(load(listed));
    expect(problems({ ...alike, layerBytes: "1.5" })).toEqual(["model.layerBytes"]);
    expect(problems({ ...alike, layerBytes: 0 })).toEqual(["model.layerBytes"]);
  });

  it("may be a preset in another type", () => {
    const model = load({ preset: "llama-3-70b", dtype: "fp8", kvDtype: "fp8" });
    expect(model.kvBytesPerToken).toBe(2048);
    expect(layerRuns(model)[0]!.productBits).toBe(8);
  });

  it.each([
    [{ preset: "llama-3-70" }, "model.preset"],
    [{ preset: "llama-3-70b", dtype: "int5" }, "model.dtype"],
    [{ ...LISTED, layers: [] }, "model.layers"],
    [{ ...LISTED, layers: [{ count: 1, bytes: -1 }] }, "model.layers[0].bytes"],
    [{ ...LISTED, layers: [{ bytes: 1, expertBytes: 2 }] }, "model.layers[0].expertBytes"],
    [{ ...LISTED, layers: [{ bytes: 1, kvbytes: 2 }] }, "model.layers[0].kvbytes"],
  ])("refuses %j", (model, path) => {
    expect(problems(model)).toEqual([path]);
  });
});

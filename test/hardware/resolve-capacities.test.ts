import { describe, expect, it } from "vitest";
import { findModelPreset } from "../../src/model/presets.js";
import { layerRuns } from "../../src/core/model.js";
import type { Model } from "../../src/core/model.js";
import { findGpu, gpuNames } from "../../src/hardware/find-gpu.js";
import type { MachineSpec } from "../../src/hardware/machine-spec.js";
import { DEFAULT_MEMORY_RULE, kvTokensByLayers } from "../../src/hardware/memory-rule.js";
import { resolveCapacities } from "../../src/hardware/resolve-capacities.js";
import type { CapacityRequest } from "../../src/hardware/resolve-capacities.js";
import { PAPER_WORKLOAD, T4_30B } from "./samples.js";

const LLAMA = findModelPreset("llama-2-70b")!;

function machine(fields: Partial<MachineSpec>): MachineSpec {
  return { name: "m", gpus: 1, nicBytesPerSecond: Infinity, ...fields };
}

function resolve(spec: Partial<MachineSpec>, more: Partial<CapacityRequest> = {}) {
  const [outcome] = resolveCapacities({
    machines: [machine(spec)],
    counts: [12],
    model: LLAMA,
    workload: PAPER_WORKLOAD,
    ...more,
  });
  return outcome!;
}

function capacity(spec: Partial<MachineSpec>, more: Partial<CapacityRequest> = {}) {
  const outcome = resolve(spec, more);
  if (outcome.kind !== "capacity") throw new Error(JSON.stringify(outcome.problem));
  return outcome.capacity;
}

describe("resolveCapacities", () => {
  it("takes given figures as they stand", () => {
    const given = capacity({ profile: { tokensPerSecond: [3, 2, 2.5], kvCacheTokens: [9, 8, 7] } });
    expect(given).toEqual({
      maxLayers: 3,
      tokensPerSecond: [3, 2, 2.5],
      kvCacheTokens: [9, 8, 7],
      source: "given",
    });
  });

  it("derives T(k) from measured curves, by either rule", () => {
    const { promptSeconds, decodeSeconds, kvBlocks, published } = T4_30B;
    const profile = { promptSeconds, decodeSeconds, kvBlocks };
    const model = findModelPreset("llama-30b")!;
    const paper = capacity({ name: "T4", profile }, { model, rule: "helix-paper" });
    expect(paper.source).toBe("measured");
    expect(paper.kvCacheTokens).toEqual(kvBlocks.map((blocks) => blocks * 16));
    paper.tokensPerSecond.forEach((value, k) => {
      expect(Math.abs(value / published[k]! - 1)).toBeLessThan(1e-3);
    });
    const smooth = capacity({ name: "T4", profile }, { model }).tokensPerSecond;
    smooth.forEach((value, k) => expect(value).toBeLessThanOrEqual(smooth[k - 1] ?? Infinity));
  });

  it("obeys batch limits that are given beside a card", () => {
    const profile = { promptMaxRequests: [8, 7], decodeMaxTokens: [33, 32] };
    const { curves, source } = capacity({ gpu: "L40S", profile });
    expect(source).toBe("estimated");
    expect(curves).toMatchObject(profile);
    expect(capacity({ gpu: "L40S" }).curves?.promptMaxRequests?.[0]).toBe(1);
  });

  it("estimates every card of the catalogue for every kind of model", () => {
    for (const name of ["llama-3-405b", "mixtral-8x7b", "deepseek-v3"]) {
      const model = findModelPreset(name)!;
      for (const gpu of gpuNames()) {
        const found = capacity({ gpu, gpus: 8 }, { model });
        expect(found.source).toBe("estimated");
        expect(found.tokensPerSecond).toHaveLength(found.maxLayers);
        expect(found.kvCacheTokens).toHaveLength(found.maxLayers);
        expect(found.curves!.kvBlocks).toHaveLength(found.maxLayers);
        expect(found.tokensPerSecond.every((value) => Number.isFinite(value) && value > 0)).toBe(
          true,
        );
      }
    }
  });

  it("holds 87 layers of Llama 405B on eight H100", () => {
    const found = capacity(
      { gpu: "H100-80GB", gpus: 8 },
      { model: findModelPreset("llama-3-405b")! },
    );
    expect(found.maxLayers).toBeGreaterThan(80);
    expect(found.maxLayers).toBeLessThan(90);
    expect(found.notes?.join()).toContain("NVLink");
  });

  it("estimates the cache where curves come without it", () => {
    const { promptSeconds, decodeSeconds } = T4_30B;
    const found = capacity({ gpu: "T4", profile: { promptSeconds, decodeSeconds } });
    expect(found.source).toBe("measured");
    expect(found.notes?.[0]).toContain("T4");
  });

  it("plans models of which only the bytes are known", () => {
    const { runs: _, embeddingBytes: __, headBytes: ___, ...bare } = LLAMA;
    const known = capacity({ gpu: "A100-40GB" }).tokensPerSecond[0]!;
    const guessed = capacity({ gpu: "A100-40GB" }, { model: bare }).tokensPerSecond[0]!;
    expect(Math.abs(guessed / known - 1)).toBeLessThan(0.1);
  });

  it("offers the nearest names for a misspelt card", () => {
    const outcome = resolve({ gpu: "H100-80G" });
    expect(outcome).toMatchObject({ kind: "problem", problem: { path: "gpu" } });
    expect(outcome.kind === "problem" && outcome.problem.remedy).toContain("H100-80GB");
  });

  it.each([
    [{}, ""],
    [{ profile: {} }, "profile"],
    [{ gpu: "T4", gpus: 2, interconnect: "nvlink" as const }, "interconnect"],
  ])("says what is missing in %o", (spec, path) => {
    expect(resolve(spec)).toMatchObject({ kind: "problem", problem: { path } });
  });

  it.each([
    [{ promptSeconds: [[0, 0]] as const, decodeSeconds: [[1, 1]] as const }, "promptSeconds"],
    [{ promptSeconds: [[1, 1]] as const, decodeSeconds: [[1, 0]] as const }, "decodeSeconds"],
  ])("refuses curves that say nothing: %j", (curves, name) => {
    const outcome = resolve({ profile: { ...curves, kvBlocks: [100] } });
    expect(outcome).toMatchObject({ kind: "problem", problem: { path: `profile.${name}` } });
  });

  it("holds no layers beside which no cache fits", () => {
    const { promptSeconds, decodeSeconds } = T4_30B;
    const profile = { promptSeconds, decodeSeconds, kvBlocks: [500, 100, 0, 7] };
    expect(capacity({ profile }).maxLayers).toBe(2);
    expect(capacity({ profile: { ...profile, kvBlocks: [0] } }).maxLayers).toBe(0);
  });

  it("still resolves the machines beside a broken one", () => {
    const outcomes = resolveCapacities({
      machines: [machine({ gpu: "X9" }), machine({ gpu: "L4" })],
      counts: [1, 8],
      model: LLAMA,
      workload: PAPER_WORKLOAD,
    });
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(["problem", "capacity"]);
  });

  it("uses the file's own cards first", () => {
    const own = { ...findGpu("T4")!, name: "my-card", bandwidthBytesPerSecond: 1e12 };
    expect(capacity({ gpu: "my-card" }, { gpus: [own] }).notes?.[0]).toContain("my-card");
  });
});

describe("kvTokensByLayers", () => {
  const group = { gpu: findGpu("A100-40GB")!, gpus: 1, interconnect: "pcie" as const };
  const tokens = (model: Model, rule = {}) =>
    kvTokensByLayers(group, model, PAPER_WORKLOAD, { ...DEFAULT_MEMORY_RULE, ...rule });

  it("never hands out more memory than there is", () => {
    tokens(LLAMA).forEach((room, index) => {
      const held = index + 1;
      const used = held * LLAMA.layerBytes + LLAMA.headBytes! + room * held * LLAMA.kvBytesPerToken;
      expect(used).toBeLessThanOrEqual(40e9 * 0.9 - 2e9);
      expect(room).toBeGreaterThanOrEqual(16 * 990);
    });
  });

  it("stops where the smallest cache no longer fits, or at the share for weights", () => {
    const layers = tokens(LLAMA).length;
    expect(layers).toBe(18);
    expect(tokens(LLAMA, { minimumRequests: 0 }).length).toBeGreaterThanOrEqual(layers);
    expect(tokens(LLAMA, { minimumRequests: 200 }).length).toBeLessThan(layers);
    expect(tokens(LLAMA, { weightShare: 0.5 }).length).toBe(11);
  });

  it("counts the heaviest run where layers differ, and both ends when all are held", () => {
    const layer = 1e9;
    const small: Model = {
      ...LLAMA,
      layers: 3,
      runs: [1, 3, 1].map((bytes) => ({ ...layerRuns(LLAMA)[0]!, count: 1, bytes: bytes * layer })),
      embeddingBytes: 5 * layer,
      headBytes: 2 * layer,
    };
    const usable = 34e9;
    const expected = [3, 4, 5].map((weights, index) => {
      const ends = index === 2 ? 7 : 5;
      return Math.floor((usable - (weights + ends) * layer) / (4096 * (index + 1)));
    });
    expect(tokens(small)).toEqual(expected);
  });
});

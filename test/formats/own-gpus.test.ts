import { describe, expect, it } from "vitest";
import { loadCluster } from "../../src/formats/load-cluster.js";
import { InputError } from "../../src/core/errors.js";

const GPU = { memory: "32 GB", bandwidth: "1 TB/s", tflops: 200, sustained: 0.8 };

function load(more: Readonly<Record<string, unknown>>, gpu = "my-card") {
  return loadCluster(
    "cluster.json",
    JSON.stringify({
      format: "helix-place/cluster@1",
      name: "own",
      model: "llama-2-70b",
      machines: { m: { gpu, gpus: 2 } },
      nodes: [{ id: "m", machine: "m", count: 8 }],
      network: { withinRegion: { bandwidth: "10 Gb/s" } },
      ...more,
    }),
  ).cluster.machines[0]!.capacity;
}

function problems(more: Readonly<Record<string, unknown>>, gpu?: string): readonly string[] {
  try {
    load(more, gpu);
  } catch (error) {
    if (error instanceof InputError) return error.problems.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe("cards of the file's own", () => {
  it("are estimated like those of the catalogue", () => {
    const capacity = load({ gpus: { "my-card": GPU } });
    expect(capacity.source).toBe("estimated");
    expect(capacity.notes?.[0]).toContain("2 × my-card (the cluster file)");
  });

  it("come before the catalogue and are faster when their figures are", () => {
    const slow = load({}, "L4").tokensPerSecond[0]!;
    const fast = load({ gpus: { L4: { ...GPU, tflops: 900, bandwidth: "4 TB/s" } } }, "L4");
    expect(fast.tokensPerSecond[0]).toBeGreaterThan(slow);
  });

  it("are reported once where they are wrong, and not again where they are used", () => {
    expect(problems({ gpus: { "my-card": { ...GPU, tflops: -1 } } })).toEqual([
      "gpus.my-card.tflops",
    ]);
    expect(problems({ gpus: { "my-card": { ...GPU, memory: "much" } } })).toEqual([
      "gpus.my-card.memory",
    ]);
    expect(problems({ gpus: {} })).toEqual(["machines.m.gpu"]);
  });
});

describe("rules of the file", () => {
  const gpus = { "my-card": GPU };

  it("decide how many layers a machine holds", () => {
    const usual = load({ gpus }).maxLayers;
    expect(load({ gpus, memoryRule: { weightShare: 0.5 } }).maxLayers).toBeLessThan(usual);
    expect(load({ gpus, memoryRule: { reserve: "6 GB" } }).maxLayers).toBeLessThan(usual);
    expect(load({ gpus, memoryRule: { utilisation: 0.98 } }).maxLayers).toBeGreaterThan(usual);
  });

  it("choose how curves become T(k)", () => {
    const smooth = load({ gpus }).tokensPerSecond;
    const paper = load({ gpus, throughputRule: "helix-paper" }).tokensPerSecond;
    expect(paper).toHaveLength(smooth.length);
    expect(paper).not.toEqual(smooth);
  });

  it("are checked", () => {
    expect(problems({ gpus, throughputRule: "fast" })).toEqual(["throughputRule"]);
    expect(problems({ gpus, memoryRule: { reserve: "-1 GB" } })).toEqual(["memoryRule.reserve"]);
    expect(problems({ gpus, memoryRule: { utilisation: 2 } })).toEqual(["memoryRule.utilisation"]);
  });
});

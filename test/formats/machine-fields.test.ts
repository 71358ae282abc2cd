import { describe, expect, it } from "vitest";
import { InputError } from "../../src/core/errors.js";
import type { Cluster } from "../../src/core/cluster.js";
import { loadCluster } from "../../src/formats/load-cluster.js";
import { planScenario } from "../../src/market/scenario.js";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import { createInlinePorts } from "../support/inline-ports.js";
import { replan } from "../../src/serving/plan/replan.js";
import { createNodePorts } from "../../src/node/node-ports.js";

function file(own: object): object {
  return {
    format: "helix-place/cluster@1",
    name: "fields",
    model: "llama-3-8b",
    workload: { promptTokens: 700, outputTokens: 200 },
    machines: { a: { gpu: "H100-80GB", gpus: 2, ...own }, b: { gpu: "A100-80GB" } },
    nodes: [
      { id: "a", machine: "a" },
      { id: "b", machine: "b" },
    ],
    network: { withinRegion: { bandwidth: "10 GB/s", latency: "0.1 ms" } },
  };
}

function load(own: object): Cluster {
  return loadCluster("fields.json", JSON.stringify(file(own))).cluster;
}

describe("what a machine says of itself beside its card", () => {
  it("unifiedMemory: a part stays with the processor, whatever the catalogue says", () => {
    const plain = load({}).machines[0]!;
    const unified = load({ unifiedMemory: true }).machines[0]!;
    const kept = 2 * 80e9 * (0.9 - 0.75);
    const kv = 32 * 4096;
    const lost = plain.capacity.kvCacheTokens![31]! - unified.capacity.kvCacheTokens![31]!;
    expect(Math.abs(lost - kept / kv)).toBeLessThan(2);
    expect(unified.memory!.ofCards).toBeCloseTo(0.75);
    expect(load({ unifiedMemory: false }).machines[0]!.capacity).toEqual(plain.capacity);
  });

  it("power: of the file, else of the cards; what-if adds it up where the file says some", async () => {
    expect(load({}).machines[0]!.power).toEqual({ watts: 1400, from: "catalogue" });
    expect(load({ power: "2.2 kW" }).machines[0]!.power).toEqual({ watts: 2200, from: "file" });
    const planned = async (own: object): Promise<number | undefined> => {
      const planning = {
        iterationLimit: 1,
        gap: 0.01,
        seed: 1,
        solver: "highs",
        partialInference: true,
      } as const;
      const job = { name: "today", file: file(own) as ClusterFile, planning };
      const { result } = await planScenario(
        job as unknown as Parameters<typeof planScenario>[0],
        createInlinePorts(),
      );
      return result.powerWatts;
    };
    expect(await planned({ power: "2.2 kW" })).toBe(2600);
    expect(await planned({})).toBeUndefined();
  });

  it("loadRate: how long a change takes on that machine", async () => {
    const seconds = async (own: object): Promise<number> => {
      const cluster = load(own);
      const outcome = await replan(
        cluster,
        cluster.nodes.map(() => null),
        { iterationLimit: 1, threads: 0 },
        createNodePorts(),
      );
      if (outcome.kind !== "replanned") throw new Error(outcome.kind);
      return outcome.report.choices.at(-1)!.seconds;
    };
    const before = await seconds({});
    expect((await seconds({ loadRate: "0.1 GB/s" })) / before).toBeGreaterThan(5);
  });

  it.each([
    ["power", "5 horses"],
    ["power", "0 W"],
    ["loadRate", "-1 GB/s"],
    ["unifiedMemory", "yes"],
  ])("refuses %s %o by its path", (key, value) => {
    try {
      load({ [key]: value });
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).problems.map(({ path }) => path)).toContain(`machines.a.${key}`);
      return;
    }
    throw new Error("it was taken");
  });
});

describe("cards that are counted in their name", () => {
  it.each([
    ["8xH100-80GB", 'Write "gpu": "H100-80GB", "gpus": 8.'],
    ["4 x L40S", 'Write "gpu": "L40S", "gpus": 4.'],
  ])("%s is told where the count goes", (gpu, remedy) => {
    try {
      load({ gpu, gpus: 1 });
      expect.unreachable();
    } catch (error) {
      expect((error as InputError).problems.map((problem) => problem.remedy)).toEqual([remedy]);
    }
  });
});

import { describe, expect, it } from "vitest";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import { createNodePorts } from "../../../src/node/node-ports.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { extractChains } from "../../../src/exchange/export/chains.js";
import { EXPORT_TARGETS, type ExportTargetName } from "../../../src/exchange/export/targets.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { randomChains } from "./random-chains.js";
import { buildShape } from "./shapes.js";

/** Targets that cannot pin ranks to nodes may refuse an uneven split over mixed machines. */
const UNPINNED: readonly ExportTargetName[] = ["ray", "lws", "dynamo", "gpustack"];
const PINNED = (Object.keys(EXPORT_TARGETS) as ExportTargetName[]).filter(
  (target) => !UNPINNED.includes(target),
);

describe("chains", () => {
  it("of single GPUs go to every target that pins ranks", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { cluster, file } = randomChains(seed);
      for (const target of PINNED)
        expect(exportPlacement(cluster, file, { target }).kind).toBe("exported");
    }
  });

  it("hold every layer once and share no node", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { cluster, file } = randomChains(seed);
      const extracted = extractChains(cluster, file);
      if (extracted.kind === "refused") throw new Error("refused");
      const nodes = extracted.chains.flatMap(({ stages }) => stages.map(({ id }) => id));
      expect(new Set(nodes).size).toBe(nodes.length);
      for (const { stages } of extracted.chains) {
        const borders = stages.flatMap(({ layers }) => [...layers]);
        expect([borders[0], borders.at(-1)]).toEqual([0, cluster.model.layers]);
        for (let border = 1; border + 1 < borders.length; border += 2)
          expect(borders[border]).toBe(borders[border + 1]);
      }
    }
  });

  it("come out of the planner with chainsOnly", async () => {
    const node = (id: string, machine: string): object => ({ id, machine, count: 3 });
    const rates = (rate: number): readonly number[] => [rate, rate / 2, rate / 3, rate / 4];
    const text = JSON.stringify({
      format: "helix-place/cluster@1",
      name: "small",
      model: {
        name: "model",
        layers: 6,
        layerBytes: 1e8,
        activationBytes: 8192,
        tokenBytes: 2,
        kvBytesPerToken: 4096,
      },
      machines: {
        fast: { profile: { tokensPerSecond: rates(900), kvCacheTokens: [90, 60, 40, 20] } },
        slow: { profile: { tokensPerSecond: rates(500), kvCacheTokens: [80, 50, 30, 10] } },
      },
      nodes: [node("fast", "fast"), node("slow", "slow")],
      network: { withinRegion: { bandwidth: "10 Gb/s" } },
    });
    const { cluster } = loadCluster("small", text);
    const outcome = await plan(
      cluster,
      {
        constraints: { ...UNCONSTRAINED, chainsOnly: true },
        iterationLimit: 1,
        threads: 0,
        seed: 1,
      },
      createNodePorts(),
    );
    if (outcome.kind !== "planned") throw new Error(outcome.kind);
    expect(outcome.file.throughput).toBeGreaterThan(0);
    for (const target of PINNED)
      expect(exportPlacement(cluster, outcome.file, { target }).kind).toBe("exported");
  });
});

describe("a node that runs only the end of what it holds", () => {
  const { cluster, file, addresses } = buildShape("trimmed", {
    nodes: [
      ["left", "mid", "here"],
      ["right", "big", "here"],
    ],
    layers: [
      [0, 24],
      [20, 48],
    ],
    links: [[0, 1]],
  });

  it.each(["vllm", "parallax"] as const)("loads only that for %s", (target) => {
    const outcome = exportPlacement(cluster, file, { target, addresses });
    if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.refusals));
    const texts = outcome.files.map(({ text }) => text).join("");
    expect(texts).toContain("`right` [24, 48) of [20, 48)");
    expect(texts).toMatch(
      target === "vllm" ? /PARTITION=24,24\n/ : /--start-layer 24 --end-layer 48/,
    );
  });

  it("is refused where its profile is slower with so few layers", () => {
    const machines = cluster.machines.map((machine) => {
      const { tokensPerSecond } = machine.capacity;
      const slower = tokensPerSecond.map((rate, k) => (k === 23 ? rate / 100 : rate));
      return machine.name === "big"
        ? { ...machine, capacity: { ...machine.capacity, tokensPerSecond: slower } }
        : machine;
    });
    const outcome = exportPlacement({ ...cluster, machines }, file, { target: "vllm", addresses });
    expect(JSON.stringify(outcome)).toContain("slower with so few layers");
  });
});

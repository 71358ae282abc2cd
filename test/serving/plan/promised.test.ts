import { describe, expect, it } from "vitest";
import { refuseAssumptions } from "../../../src/cli/strict.js";
import { listAssumptions } from "../../../src/core/estimate-notes.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { problemFor } from "../../../src/serving/served/problem-for.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";
import { createInlinePorts } from "../../support/inline-ports.js";

const copies = (engine: string, gpus: number, count: number = 3) =>
  resolveCluster("copies", {
    format: "helix-place/cluster@1",
    name: "copies",
    engine,
    model: "llama-3-8b",
    workload: { promptTokens: 760, outputTokens: 230 },
    machines: { big: { gpu: "A100-80GB", gpus }, small: { gpu: "L4", gpus } },
    nodes: [
      { id: "big", machine: "big", count },
      { id: "small", machine: "small", count },
    ],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
  });

describe("what a plan promises after a short search", () => {
  it.each(["vllm", "parallax"])("is what a long run measures: %s", async (engine) => {
    const cluster = copies(engine, 1);
    const ports = createInlinePorts();
    const asked = { objective: "served", timeLimitSeconds: 3, threads: 0 } as const;
    const outcome = await plan(cluster, asked, ports);
    if (outcome.kind !== "planned") throw new Error(outcome.kind);
    // As it was planned: with the steps that were chosen, and in pipelines where the engine runs nothing else.
    const { constraints } = problemFor(outcome.cluster, {});
    const window = { warmupSeconds: 600, durationSeconds: 1200, seed: 5, constraints };
    const { result } = simulatePlacement(outcome.cluster, outcome.placement, window);
    const promised = outcome.file.served!.decodeTokensPerSecond;
    expect(promised / result.decodeTokensPerSecond).toBeGreaterThan(0.96);
    expect(promised / result.decodeTokensPerSecond).toBeLessThan(1.04);
  });
});

describe("what a plan promises where no trial of the search had time to end", () => {
  it("is simulated all the same", async () => {
    const cluster = copies("parallax", 1, 1);
    const asked = { objective: "served", timeLimitSeconds: 1, threads: 0 } as const;
    const outcome = await plan(cluster, asked, {
      ...createInlinePorts(),
      // As on a machine so busy that the time is over before a trial has begun.
      schedule: (_, action) => {
        action();
        return () => {};
      },
    });
    if (outcome.kind !== "planned") throw new Error(outcome.kind);
    const { served, estimate } = outcome.file;
    expect(estimate).toBeUndefined();
    const window = { warmupSeconds: 60, durationSeconds: 240, seed: 5, begins: "full" } as const;
    const { result } = simulatePlacement(outcome.cluster, outcome.placement, window);
    const share = served!.decodeTokensPerSecond / result.decodeTokensPerSecond;
    expect(share).toBeGreaterThan(0.94);
    expect(share).toBeLessThan(1.06);
  });
});

describe("--strict", () => {
  it("lets pass that all cards of a machine work as one: a default is no guess", () => {
    const assumptions = listAssumptions(copies("vllm", 4));
    expect(assumptions.map(({ where }) => where)).toContain("machines.big.tensorParallel");
    expect(() => refuseAssumptions("copies", assumptions)).not.toThrow();
    const guess = { what: "a", where: "b", effect: "c" };
    expect(() => refuseAssumptions("copies", [...assumptions, guess])).toThrow("an assumption: a");
  });
});

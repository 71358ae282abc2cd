import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { searchFront } from "../../../src/serving/served/pareto.js";
import { unbeaten } from "../../../src/serving/served/unbeaten.js";
import { plan, type PlanOptions, type PlanOutcome } from "../../../src/serving/plan/plan.js";
import { describeJudged } from "../../../src/serving/served/describe-judged.js";
import { queueGrowth } from "../../../src/serving/simulate/queue-growth.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";
import { checkPlacement } from "../../../src/check/check-placement.js";
import { findBatching } from "../../../src/engines/helix/batchings.js";
import { oversteps, scoreService } from "../../../src/serving/served/limits.js";
import { refine, scorePlacement } from "../../../src/serving/served/refine.js";
import { createGoodputModel } from "../../../src/serving/served/steady-state.js";
import type { LayerInterval } from "../../../src/core/placement.js";
import { measureThroughput } from "../../../src/planner/problem/measure-throughput.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { clusterOf } from "../simulate/fixtures.js";
import { createInlinePorts } from "../../support/inline-ports.js";

/** Slow machines: few events per simulated second. */
const cluster = clusterOf({
  layers: 6,
  nodes: 6,
  kvTokens: 1000,
  promptSeconds: [
    [0, 0],
    [1000, 20],
  ],
  decodeSeconds: [
    [0, 0],
    [2, 0.5],
    [100, 1],
  ],
});
const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
const FREE = { statistic: "mean" } as const;
const requests = {
  promptTokens: 100,
  outputTokens: 10,
  residentPromptTokens: 100,
  promptSquare: 1e4,
};
const chain = Array.from({ length: 6 }, (_, node): LayerInterval => [node, node + 1]);

const planned = (changes: Partial<PlanOptions>): Promise<PlanOutcome> =>
  plan(
    cluster,
    { objective: "goodput", iterationLimit: 40, threads: 0, ...changes },
    createInlinePorts(),
  );

describe("limits", () => {
  test("a limit costs exactly when it is overstepped, and more the more it is", () => {
    const latency = fc.double({ min: 0.01, max: 10, noNaN: true });
    fc.assert(
      fc.property(latency, latency, latency, latency, (ttft, tpot, most, limit) => {
        const figures = {
          decodeTokensPerSecond: 100,
          timeToFirstToken: { mean: ttft, p95: 2 * ttft },
          timePerOutputToken: { mean: tpot, p95: 2 * tpot },
        };
        const limits = {
          statistic: "p95" as const,
          maxTimeToFirstToken: most,
          maxTimePerOutputToken: limit,
        };
        const kept = 2 * ttft <= most && 2 * tpot <= limit;
        expect(oversteps(figures, limits) === 0).toBe(kept);
        expect(scoreService(figures, limits) < scoreService(figures, FREE)).toBe(!kept);
        const tighter = { ...limits, maxTimePerOutputToken: limit / 2 };
        expect(oversteps(figures, tighter)).toBeGreaterThanOrEqual(oversteps(figures, limits));
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});

describe("front", () => {
  test("holds whatever is unbeaten, and nothing else", () => {
    const figure = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(figure, figure, figure), { maxLength: 12 }), (items) => {
        const kept = unbeaten(items, (item) => item);
        const covers = (a: readonly number[], b: readonly number[]): boolean =>
          a.every((value, axis) => value <= b[axis]!);
        for (const item of items) expect(kept.some((one) => covers(one, item))).toBe(true);
        for (const one of kept) expect(kept.filter((other) => covers(other, one))).toHaveLength(1);
      }),
      { seed: 8, numRuns: 300 },
    );
  });

  test("comes with placements that pass the checker", async () => {
    const options = { iterationLimit: 20, threads: 0, batching: "decode-first" as const };
    const outcome = await searchFront(cluster, options, createInlinePorts());
    if (outcome.kind !== "front") throw new Error(outcome.kind);
    expect(outcome.points.length).toBeGreaterThan(0);
    for (const judged of outcome.points) {
      const file = describeJudged(cluster, judged, "");
      expect(checkPlacement(cluster, file)).toEqual([]);
      expect(file.estimate?.method).toContain("decode-first");
    }
  });
});

describe("refinement", () => {
  test("ends at a legal placement that the model likes no less, and is a function of its seed", () => {
    const model = createGoodputModel(cluster, requests, findBatching("layerwise").calibration);
    const start = scorePlacement(problem, model, FREE, chain)!;
    const options = { steps: 150, seed: 2, shouldStop: () => false };
    const best = refine(problem, model, FREE, start, options);
    expect(best.score).toBeGreaterThanOrEqual(start.score);
    expect(measureThroughput(problem, best.placement)).toBeGreaterThan(0);
    expect(refine(problem, model, FREE, start, options)).toEqual(best);
  });

  test("leaves pinned nodes where they are", () => {
    const model = createGoodputModel(cluster, requests, findBatching("layerwise").calibration);
    const pins = new Map([[2, [2, 3] as const]]);
    const pinned = { ...problem, constraints: { ...UNCONSTRAINED, pins } };
    const start = scorePlacement(pinned, model, FREE, chain)!;
    const options = { steps: 100, seed: 3, shouldStop: () => false };
    expect(refine(pinned, model, FREE, start, options).placement[2]).toEqual([2, 3]);
  });
});

describe("plan for goodput", () => {
  test("gives a checked file whose estimate the simulator gives again; same inputs, same plan", async () => {
    const [first, second] = [await planned({}), await planned({})];
    if (first.kind !== "planned" || second.kind !== "planned") throw new Error(first.kind);
    expect(checkPlacement(cluster, first.file)).toEqual([]);
    expect(first.file.objective).toBe("goodput");
    expect(first.file.upperBound).toBeGreaterThanOrEqual(first.file.throughput);
    const { result } = simulatePlacement(cluster, first.placement, { seed: 1 });
    expect(first.file.estimate?.decodeThroughput).toBe(result.decodeTokensPerSecond);
    expect(first.file.estimate?.decodeLatency).toBe(result.timePerOutputToken.mean);
    const alone = simulatePlacement(cluster, chain, { seed: 1 }).result;
    expect(result.decodeTokensPerSecond).toBeGreaterThan(alone.decodeTokensPerSecond);
    expect(second.placement).toEqual(first.placement);
    expect(second.file.estimate).toEqual(first.file.estimate);
  });

  test("promises a rate of arrivals at which fresh seeds keep limits that full load breaks", async () => {
    const free = await planned({});
    if (free.kind !== "planned") throw new Error(free.kind);
    const latency = free.file.estimate!.decodeLatency;
    const limits = { statistic: "mean" as const, maxTimePerOutputToken: latency / 1.5 };
    const kept = await planned({ limits });
    if (kept.kind !== "planned") throw new Error(kept.kind);
    expect(checkPlacement(cluster, kept.file)).toEqual([]);
    const { served } = kept.file;
    if (served === undefined || served.at === "saturation") throw new Error("no rate");
    const { rate } = served.at;
    expect(rate).toBeGreaterThan(0);
    for (const seed of [31, 32, 33]) {
      const options = { seed, tokensPerSecond: rate };
      const { result } = simulatePlacement(cluster, kept.placement, options);
      expect(oversteps(result, limits)).toBe(0);
      expect(queueGrowth(result)).toBe(0);
    }
    const { decodeTokensPerSecond, promptTokensPerSecond } = served;
    expect((decodeTokensPerSecond + promptTokensPerSecond) / rate).toBeCloseTo(1, 1);
  });

  test("says what is nearest where not even a light load keeps the limits", async () => {
    const never = { statistic: "mean" as const, maxTimePerOutputToken: 1e-4 };
    const missed = await planned({ limits: never });
    if (missed.kind !== "limits-missed") throw new Error(missed.kind);
    expect(missed.at).toBe("light load");
    expect(missed.nearest.timePerOutputToken.mean).toBeGreaterThan(1e-4);
    expect(measureThroughput(problem, missed.placement)).toBeGreaterThan(0);
  });

  test("asks for timing curves", async () => {
    const blind = {
      ...cluster,
      machines: cluster.machines.map((machine) => {
        const { curves: _curves, ...capacity } = machine.capacity;
        return { ...machine, capacity };
      }),
    };
    const options = { objective: "goodput", iterationLimit: 5, threads: 0 } as const;
    await expect(plan(blind, options, createInlinePorts())).rejects.toThrow("promptSeconds");
  });
});

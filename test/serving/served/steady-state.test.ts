import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findBatching } from "../../../src/engines/helix/batchings.js";
import { measureRequests } from "../../../src/serving/served/request-means.js";
import {
  createGoodputModel,
  type GoodputEstimate,
} from "../../../src/serving/served/steady-state.js";
import { traceVisits } from "../../../src/serving/served/visits.js";
import { evaluatePlacement } from "../../../src/planner/graph/evaluate-placement.js";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { createRandom } from "../../../src/core/random.js";
import { chooseLengths } from "../../../src/model/choose-lengths.js";
import { constantLengths } from "../constant-lengths.js";
import { HELIX } from "../../../src/engines/helix/helix.js";
import { OFFLINE } from "../../../src/serving/simulate/traffic.js";
import { clusterOf, run, type Shape } from "../simulate/fixtures.js";

const LAYERS = 6;
const NODES = 7;
const requests = {
  promptTokens: 100,
  outputTokens: 50,
  residentPromptTokens: 100,
  promptSquare: 1e4,
};

/** Intervals of which at least two chains hold every layer. */
const placements = fc
  .tuple(
    fc.integer({ min: 1, max: LAYERS - 1 }),
    fc.integer({ min: 1, max: LAYERS - 1 }),
    fc.array(fc.tuple(fc.integer({ min: 0, max: LAYERS - 1 }), fc.integer({ min: 1, max: 4 })), {
      minLength: NODES - 4,
      maxLength: NODES - 4,
    }),
  )
  .map(([a, b, others]): Placement => [
    [0, a],
    [a, LAYERS],
    [0, b],
    [b, LAYERS],
    ...others.map(([start, held]): LayerInterval => [start, Math.min(LAYERS, start + held)]),
  ]);

const linksOf = (shape: Shape, placement: Placement) =>
  evaluatePlacement(clusterOf(shape), placement, { partialInference: true }).links;

function estimate(shape: Shape, placement: Placement): GoodputEstimate {
  const model = createGoodputModel(
    clusterOf(shape),
    requests,
    findBatching("layerwise").calibration,
  );
  return model.estimate(placement, linksOf(shape, placement));
}

describe("visits", () => {
  test("a request runs every layer once, and no node is promised more KV than it has", () => {
    fc.assert(
      fc.property(placements, fc.integer({ min: 500, max: 20000 }), (placement, kvTokens) => {
        const shape = { layers: LAYERS, nodes: NODES, kvTokens };
        const visits = traceVisits(clusterOf(shape), placement, linksOf(shape, placement), 150);
        let layers = 0;
        placement.forEach((interval, node) => {
          const held = interval![1] - interval![0];
          const run = visits.share[node]! * visits.layersRun[node]!;
          layers += run;
          expect(visits.concurrency * run * 150).toBeLessThanOrEqual(
            HELIX.kv.offline.highWaterMark * kvTokens * held * (1 + 1e-9),
          );
        });
        // At most 1 % of the traffic may find no room.
        expect(layers).toBeGreaterThan(LAYERS * 0.98);
        expect(layers).toBeLessThan(LAYERS * (1 + 1e-9));
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  test("without known KV nothing limits the requests under way", () => {
    const shape = { layers: LAYERS, nodes: 2 };
    const placement: Placement = [
      [0, 3],
      [3, 6],
    ];
    const visits = traceVisits(clusterOf(shape), placement, linksOf(shape, placement), 150);
    expect(visits.concurrency).toBe(Infinity);
    expect([...visits.share]).toEqual([1, 1]);
  });

  test("equal copies are all used, however many", () => {
    const shape = { layers: LAYERS, nodes: 60 };
    const placement: Placement = Array.from({ length: 60 }, (): LayerInterval => [0, LAYERS]);
    const { share } = traceVisits(clusterOf(shape), placement, linksOf(shape, placement), 150);
    for (const one of share) expect(one).toBeCloseTo(1 / 60, 9);
  });

  test("nobody goes by a link that is thin beside others", () => {
    const shape = { layers: LAYERS, nodes: 3 };
    const placement: Placement = Array.from({ length: 3 }, (): LayerInterval => [0, LAYERS]);
    const shareAt = (thin: number): readonly number[] => {
      const links = [60, 60, thin].flatMap((flow, node) => [
        { from: -1, to: node, flow, capacity: flow },
        { from: node, to: -1, flow, capacity: flow },
      ]);
      return [...traceVisits(clusterOf(shape), placement, links, 150).share];
    };
    expect(shareAt(3)).toEqual([0.5, 0.5, 0]);
    expect(shareAt(15)[2]).toBeCloseTo(1 / 9, 9);
  });
});

describe("steady state", () => {
  test("Little's law holds, for every policy", () => {
    fc.assert(
      fc.property(
        placements,
        fc.integer({ min: 500, max: 20000 }),
        fc.constantFrom("layerwise", "decode-first", "continuous"),
        (placement, kvTokens, batching) => {
          const shape = { layers: LAYERS, nodes: NODES, kvTokens };
          const model = createGoodputModel(
            clusterOf(shape),
            requests,
            findBatching(batching).calibration,
          );
          const found = model.estimate(placement, linksOf(shape, placement));
          const rate = found.decodeTokensPerSecond / requests.outputTokens;
          const stay =
            found.timeToFirstToken.mean + requests.outputTokens * found.timePerOutputToken.mean;
          expect(rate).toBeGreaterThan(0);
          // Where prompts alone take all of a node's time, the rate stops short of N.
          expect(rate * stay).toBeLessThanOrEqual(found.concurrency * (1 + 1e-3));
        },
      ),
      { seed: 4, numRuns: 100 },
    );
  });

  test("more KV never serves less, slower links and decodes never more", () => {
    fc.assert(
      fc.property(placements, fc.integer({ min: 1000, max: 8000 }), (placement, kvTokens) => {
        const shape = { layers: LAYERS, nodes: NODES, kvTokens };
        const base = estimate(shape, placement).decodeTokensPerSecond;
        const worse: readonly Shape[] = [
          { ...shape, kvTokens: kvTokens / 2 },
          { ...shape, latencySeconds: 0.05 },
          {
            ...shape,
            decodeSeconds: [
              [0, 0],
              [2, 0.004],
              [100, 0.008],
            ],
          },
        ];
        for (const one of worse)
          expect(estimate(one, placement).decodeTokensPerSecond).toBeLessThan(base * (1 + 1e-6));
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  test("is near the simulator where nothing was fitted, and ranks depths as it does", () => {
    const depths = [2, 3, 6].map((depth): Placement =>
      Array.from({ length: 6 }, (_, node): LayerInterval => {
        const stage = node % depth;
        return [(stage * 6) / depth, ((stage + 1) * 6) / depth];
      }),
    );
    const shape = { layers: 6, nodes: 6, kvTokens: 6000 };
    const results = depths.map((placement) => {
      const simulated = run(clusterOf(shape), placement, {
        traffic: OFFLINE,
        lengths: constantLengths("constant", 100, 50),
        meanOutputTokens: 50,
        highWaterMark: HELIX.kv.offline.highWaterMark,
        warmupSeconds: 30,
        durationSeconds: 60,
        stopAtEnd: true,
      }).decodeTokensPerSecond;
      return { simulated, model: estimate(shape, placement).decodeTokensPerSecond };
    });
    for (const { simulated, model } of results) {
      expect(model / simulated).toBeGreaterThan(0.4);
      expect(model / simulated).toBeLessThan(2.5);
    }
    const order = (of: (one: (typeof results)[number]) => number): readonly number[] =>
      results.map((_, at) => at).sort((a, b) => of(results[a]!) - of(results[b]!));
    expect(order((one) => one.model)).toEqual(order((one) => one.simulated));
  });
});

describe("request means", () => {
  test("requests under way are longer than those that arrive where length and prompt go together", () => {
    const workload = { name: "azure-conversation", promptTokens: 763, outputTokens: 232 };
    const means = measureRequests(chooseLengths(workload), createRandom(1));
    // Published: correlation 0.51, deviations 445 and 165 (Azure trace 2023).
    const expected = 763 + (0.51 * 445 * 165) / 232;
    expect(means.residentPromptTokens).toBeGreaterThan(0.97 * expected);
    expect(means.residentPromptTokens).toBeLessThan(1.03 * expected);
    expect(means.promptSquare).toBeGreaterThan(means.promptTokens ** 2);
  });
});

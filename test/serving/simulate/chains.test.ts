import * as fc from "fast-check";
import { expect, test } from "vitest";
import { NO_OVERHEAD, type ChainBatching } from "../../../src/engines/engine.js";
import { evaluatePlacement } from "../../../src/planner/graph/evaluate-placement.js";
import type { Placement } from "../../../src/core/placement.js";
import { listChains } from "../../../src/serving/simulate/chains/chain.js";
import { simulateChains } from "../../../src/serving/simulate/chains/simulate-chains.js";
import { constantLengths } from "../constant-lengths.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";
import type { SimulationResult } from "../../../src/serving/simulate/result.js";
import { OFFLINE, type Traffic } from "../../../src/serving/simulate/traffic.js";
import { clusterOf, type Shape } from "./fixtures.js";

const RULES: ChainBatching = {
  kind: "chain",
  batchTokens: 1000,
  maxSequences: 50,
  inFlight: "per-stage",
  kv: "poorest",
};

interface Load {
  readonly prompt: number;
  readonly output: number;
  readonly traffic?: Traffic;
  readonly rules?: Partial<ChainBatching>;
  readonly seconds?: number;
}

/** A layer of an empty network: no prompt time but that of its tokens, decodes as given. */
function serve(shape: Shape, placement: Placement, load: Load): SimulationResult {
  const cluster = clusterOf({ latencySeconds: 0, bandwidthBytesPerSecond: 1e15, ...shape });
  const { links } = evaluatePlacement(cluster, placement, { partialInference: true });
  const used = links.filter(({ flow }) => flow > 0);
  const { chains, inTheWay } = listChains(placement, used);
  expect(inTheWay).toEqual([]);
  return simulateChains(
    {
      cluster,
      placement,
      links: used,
      scheduler: "helix",
      batching: "layerwise",
      traffic: load.traffic ?? OFFLINE,
      lengths: constantLengths("fixed", load.prompt, load.output),
      seed: 3,
      warmupSeconds: (load.seconds ?? 500) / 5,
      durationSeconds: ((load.seconds ?? 500) * 4) / 5,
      stopAtEnd: true,
      highWaterMark: 1,
      outputRatio: 1,
      meanOutputTokens: load.output,
    },
    chains,
    { batching: { ...RULES, ...load.rules }, overhead: NO_OVERHEAD },
  );
}

const DECODES = {
  promptSeconds: [[1e6, 1e-6]],
  decodeSeconds: [
    [1, 0.01],
    [1000, 0.01],
  ],
} as const;

test("a step takes the curve's time, and every request of it gets a token", () => {
  const { decodeTokensPerSecond, timePerOutputToken, meanInFlight } = serve(
    { layers: 4, nodes: 1, ...DECODES },
    [[0, 4]],
    { prompt: 10, output: 99 },
  );
  // 50 requests at a time, 4 layers of 10 ms; the step that makes first tokens takes next to none.
  expect(decodeTokensPerSecond).toBeCloseTo(50 / 0.04, -1);
  expect(timePerOutputToken.mean).toBeCloseTo(0.04, 3);
  expect(meanInFlight).toBeCloseTo(50, 0);
});

test("stages overlap where batches may follow each other, and do not where one goes at a time", () => {
  const shape = { layers: 4, nodes: 2, ...DECODES };
  const placement: Placement = [
    [0, 2],
    [2, 4],
  ];
  const load = { prompt: 10, output: 99 };
  const overlapped = serve(shape, placement, load).decodeTokensPerSecond;
  const single = serve(shape, placement, { ...load, rules: { inFlight: "one" } });
  expect(single.decodeTokensPerSecond).toBeCloseTo(50 / 0.04, -1);
  expect(overlapped / single.decodeTokensPerSecond).toBeGreaterThan(1.8);
  expect(overlapped / single.decodeTokensPerSecond).toBeLessThanOrEqual(2.001);
});

test("copies serve as many times what one serves", () => {
  const one = serve({ layers: 2, nodes: 1 }, [[0, 2]], { prompt: 50, output: 20, seconds: 50 });
  const copies = Array.from({ length: 30 }, () => [0, 2] as const);
  const all = serve({ layers: 2, nodes: 30 }, copies, { prompt: 50, output: 20, seconds: 50 });
  expect(all.decodeTokensPerSecond / one.decodeTokensPerSecond).toBeCloseTo(30, 0);
});

test("prompts longer than the token budget run in chunks beside decodes", () => {
  const { requests, decodeTokensPerSecond } = serve(
    { layers: 2, nodes: 1, kvTokens: 100_000 },
    [[0, 2]],
    { prompt: 8000, output: 20 },
  );
  expect(requests.rejected).toBe(0);
  expect(requests.finished).toBeGreaterThan(100);
  expect(decodeTokensPerSecond).toBeGreaterThan(0);
});

test("a request that no empty chain could hold is turned away, the others are served", () => {
  const arrivals = [500, 50, 500, 60].map((promptTokens, at) => ({
    atSeconds: at,
    promptTokens,
    outputTokens: 5,
  }));
  const { requests } = serve({ layers: 2, nodes: 1, kvTokens: 200 }, [[0, 2]], {
    prompt: 1,
    output: 1,
    traffic: { kind: "trace", arrivals },
  });
  expect(requests).toMatchObject({ arrived: 4, finished: 2, rejected: 2 });
});

test("slots are parts of the KV for two mean requests: no more run, and an answer ends with its slot", () => {
  // Mean requests of 110 tokens: four slots of 250.
  const shape = { layers: 4, nodes: 1, kvTokens: 1000, ...DECODES };
  const rules = { slotRequests: 2, inFlight: "one" } as const;
  const full = serve(shape, [[0, 4]], { prompt: 10, output: 99, rules });
  expect(full.meanInFlight).toBeCloseTo(4, 1);
  expect(full.decodeTokensPerSecond).toBeCloseTo(4 / 0.04, -1);
  expect(full.promptLimit).toEqual({ tokens: 250, by: "own-slot" });
  const shared = serve(shape, [[0, 4]], { prompt: 10, output: 99, rules: { inFlight: "one" } });
  expect(shared.meanInFlight).toBeGreaterThan(8);
  const arrivals = [240, 249, 250].map((promptTokens) => ({
    atSeconds: 101,
    promptTokens,
    outputTokens: 99,
  }));
  const traffic = { kind: "trace", arrivals } as const;
  const cut = serve(shape, [[0, 4]], { prompt: 1, output: 1, traffic, rules });
  expect(cut.requests).toMatchObject({ finished: 2, rejected: 1 });
  // Ten tokens more fit into the first one's slot, one into the second's.
  expect(cut.timePerOutputToken.count).toBe(11);
});

test("no request is lost and no KV is made up, whatever the engine and the load", () => {
  const cases = fc.record({
    nodes: fc.integer({ min: 1, max: 3 }),
    kvTokens: fc.integer({ min: 30, max: 600 }),
    prompt: fc.integer({ min: 1, max: 80 }),
    output: fc.integer({ min: 0, max: 40 }),
    batchTokens: fc.integer({ min: 1, max: 100 }),
    maxSequences: fc.integer({ min: 1, max: 20 }),
    inFlight: fc.constantFrom("one" as const, "per-stage" as const),
    kv: fc.constantFrom("poorest" as const, "least-bytes" as const),
    rate: fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(cases, ({ nodes, kvTokens, prompt, output, rate, ...rules }) => {
      const layers = nodes * 2;
      const placement = Array.from({ length: nodes }, (_, at) => [2 * at, 2 * at + 2] as const);
      const load = {
        prompt,
        output,
        rules,
        seconds: 25,
        ...(rate === undefined
          ? {}
          : { traffic: { kind: "online", tokensPerSecond: rate } as const }),
      };
      const { requests, nodes: reports } = serve({ layers, nodes, kvTokens }, placement, load);
      const { arrived, finished, rejected, inFlight, waiting } = requests;
      expect(arrived).toBe(finished + rejected + inFlight + waiting);
      for (const { kvPeak, busy } of reports) {
        expect(kvPeak).toBeLessThanOrEqual(1);
        expect(busy).toBeLessThanOrEqual(1 + 1e-9);
      }
      if (prompt + output > kvTokens) expect(finished).toBe(0);
      else if (arrived > 0 && rate === undefined) expect(finished).toBeGreaterThan(0);
    }),
    { numRuns: 60 },
  );
});

test("a placement whose pipelines share a node is refused by name for an engine of chains", () => {
  const cluster = clusterOf({ layers: 3, nodes: 3 });
  const placement: Placement = [
    [0, 2],
    [0, 2],
    [2, 3],
  ];
  expect(() => simulatePlacement(cluster, placement, { engine: "vllm" })).toThrow(/n2/);
});

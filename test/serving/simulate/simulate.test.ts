import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LayerInterval } from "../../../src/core/placement.js";
import { SCHEDULERS } from "../../../src/serving/routing/router.js";
import { BATCHINGS, type BatchingName } from "../../../src/engines/helix/batchings.js";
import { LENGTH_PRESETS } from "../../../src/model/length-presets.js";
import { createLengths } from "../../../src/model/lengths.js";
import type { SimulationInput } from "../../../src/serving/simulate/simulation-input.js";
import { constantLengths } from "../constant-lengths.js";
import type { SimulationResult } from "../../../src/serving/simulate/result.js";
import { clusterOf, run, traceOf } from "./fixtures.js";

const diamond: LayerInterval[] = [
  [0, 2],
  [0, 3],
  [2, 4],
  [3, 4],
  [2, 4],
];

function expectConserved(result: SimulationResult): void {
  const { arrived, finished, rejected, inFlight, waiting } = result.requests;
  expect(finished + rejected + inFlight + waiting).toBe(arrived);
}

describe("conservation", () => {
  test("every request ends and every KV cache empties, under every scheduler, policy and KV size", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SCHEDULERS),
        fc.constantFrom(...BATCHINGS.map(({ name }) => name)),
        fc.integer({ min: 150, max: 4000 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.array(
          fc.record({
            atSeconds: fc.double({ min: 0, max: 3, noNaN: true }),
            promptTokens: fc.integer({ min: 1, max: 300 }),
            outputTokens: fc.integer({ min: 0, max: 40 }),
          }),
          { minLength: 1, maxLength: 40 },
        ),
        (scheduler, batching, kvTokens, seed, requests) => {
          const arrivals = requests.toSorted((a, b) => a.atSeconds - b.atSeconds);
          const result = run(clusterOf({ layers: 4, nodes: 5, kvTokens }), diamond, {
            scheduler,
            batching,
            batchTokens: 64,
            seed,
            traffic: traceOf(arrivals),
            durationSeconds: Infinity,
          });
          expectConserved(result);
          expect(result.requests.arrived).toBe(arrivals.length);
          expect(result.requests.inFlight + result.requests.waiting).toBe(0);
          expect(result.kvLeft).toBe(0);
          const served = arrivals.filter((arrival) => arrival.promptTokens <= kvTokens).length;
          expect(result.requests.finished).toBeLessThanOrEqual(served);
        },
      ),
      { seed: 20, numRuns: 150 },
    );
  });

  test("tokens counted are tokens asked for", () => {
    const result = run(clusterOf({ layers: 4, nodes: 5 }), diamond, {
      traffic: traceOf([
        { atSeconds: 0, promptTokens: 10, outputTokens: 5 },
        { atSeconds: 1, promptTokens: 20, outputTokens: 7 },
      ]),
      durationSeconds: 10,
    });
    expect(result.decodeTokensPerSecond).toBeCloseTo(1.2, 9);
    expect(result.promptTokensPerSecond).toBeCloseTo(3, 9);
    expect(result.timePerOutputToken.count).toBe(12);
  });
});

test("a run of one request is the sum of its parts", () => {
  // Two nodes of two layers; prompt 100 tokens: 1 ms a layer, decode 2 ms a layer.
  const cluster = clusterOf({ layers: 4, nodes: 2, latencySeconds: 0.01, activationBytes: 1000 });
  const result = run(
    cluster,
    [
      [0, 2],
      [2, 4],
    ],
    {
      traffic: traceOf([{ atSeconds: 0, promptTokens: 100, outputTokens: 1 }]),
      durationSeconds: 1,
    },
  );
  const load = 1000 * (1 / 4e9 + 1 / 5e9);
  const travel = (tokens: number) => 3 * 0.01 + (2 * tokens * 2 + tokens * 1002) / 1e9;
  expect(result.timeToFirstToken.mean).toBeCloseTo(4 * 0.001 + travel(100) + 2 * 100 * load, 12);
  expect(result.timePerOutputToken.mean).toBeCloseTo(4 * 0.002 + travel(1) + 2 * load, 12);
});

describe("repeatability", () => {
  const lengths = createLengths(LENGTH_PRESETS["azure-conversation"]!);
  const shape = clusterOf({ layers: 4, nodes: 5, kvTokens: 20_000 });

  test.each(SCHEDULERS)(
    "two runs with one seed are byte-identical (%s), another seed differs",
    (scheduler) => {
      const result = (seed: number) =>
        JSON.stringify(run(shape, diamond, { scheduler, lengths, seed, durationSeconds: 30 }));
      expect(result(5)).toBe(result(5));
      expect(result(5)).not.toBe(result(6));
    },
  );

  test("steady state: doubling the warm-up moves throughput by no more than its noise", () => {
    const at = (warmupSeconds: number) =>
      run(shape, diamond, {
        lengths,
        traffic: { kind: "offline", initial: 20, feedMark: 0.8, concurrency: 20 },
        warmupSeconds,
        durationSeconds: 200,
        stopAtEnd: true,
        highWaterMark: 0.85,
        meanOutputTokens: 232,
      });
    const short = at(50);
    const long = at(100);
    const noise = Math.hypot(short.decodeConfidence, long.decodeConfidence);
    expect(Math.abs(short.decodeTokensPerSecond - long.decodeTokensPerSecond)).toBeLessThan(
      1.5 * noise,
    );
    expect(noise).toBeLessThan(0.2 * short.decodeTokensPerSecond);
  });
});

describe("hard loads", () => {
  const lengths = constantLengths("constant", 100, 10);

  test("overload at three times the capacity: the queue grows, nothing is lost, all of it drains", () => {
    const cluster = clusterOf({ layers: 1, nodes: 1, kvTokens: 1000, promptMaxRequests: 1 });
    const slow = run(cluster, [[0, 1]], {
      lengths,
      traffic: { kind: "offline", initial: 5, feedMark: 0.8, concurrency: 5 },
      durationSeconds: 30,
      stopAtEnd: true,
    });
    const capacity = slow.decodeTokensPerSecond + slow.promptTokensPerSecond;
    const traffic = { kind: "online", tokensPerSecond: 3 * capacity } as const;
    const cut = run(cluster, [[0, 1]], { lengths, traffic, durationSeconds: 5, stopAtEnd: true });
    expectConserved(cut);
    expect(cut.requests.waiting).toBeGreaterThan(50);
    const drained = run(cluster, [[0, 1]], { lengths, traffic, durationSeconds: 5 });
    expect(drained.requests.finished).toBe(drained.requests.arrived);
    expect(drained.kvLeft).toBe(0);
    const peak = Math.max(...drained.nodes.map((node) => node.kvPeak));
    expect(peak).toBeLessThanOrEqual(1);
  });

  test.each(SCHEDULERS)("KV for one request: one at a time, all are served (%s)", (scheduler) => {
    const result = run(
      clusterOf({ layers: 2, nodes: 2, kvTokens: 115 }),
      [
        [0, 1],
        [1, 2],
      ],
      {
        scheduler,
        highWaterMark: 1,
        lengths,
        traffic: traceOf(
          Array.from({ length: 10 }, (_, i) => ({
            atSeconds: i / 100,
            promptTokens: 100,
            outputTokens: 10,
          })),
        ),
        durationSeconds: Infinity,
      },
    );
    expect(result.requests.finished).toBe(10);
    expect(result.kvLeft).toBe(0);
    if (scheduler === "helix") expect(result.requests.preemptions).toBe(0);
    else expect(result.requests.preemptions).toBeGreaterThan(0);
  });

  test("a request that outgrows the KV of its node is computed again, then given up and counted", () => {
    const result = run(clusterOf({ layers: 1, nodes: 1, kvTokens: 50 }), [[0, 1]], {
      scheduler: "random",
      traffic: traceOf([{ atSeconds: 0, promptTokens: 40, outputTokens: 100 }]),
      durationSeconds: Infinity,
    });
    expect(result.requests).toMatchObject({ arrived: 1, finished: 0, rejected: 1, preemptions: 1 });
    expect(result.kvLeft).toBe(0);
  });

  test.each(SCHEDULERS)(
    "a prompt longer than any batch is served, and refused by the paper's rule alone (%s)",
    (scheduler) => {
      const cluster = clusterOf({ layers: 1, nodes: 1, promptMaxRequests: 1 });
      const load: Partial<SimulationInput> = {
        scheduler,
        traffic: traceOf([
          { atSeconds: 0, promptTokens: 2049, outputTokens: 1 },
          { atSeconds: 1, promptTokens: 2048, outputTokens: 1 },
        ]),
        durationSeconds: Infinity,
      };
      const free = run(cluster, [[0, 1]], load);
      expect(free.requests).toMatchObject({ arrived: 2, finished: 2, rejected: 0 });
      expect(free.promptLimit).toBeUndefined();
      const paper = run(cluster, [[0, 1]], { ...load, promptSlotTokens: 2048 });
      expect(paper.requests).toMatchObject({ arrived: 2, finished: 1, rejected: 1 });
      expect(paper.promptLimit).toEqual({ tokens: 2048, by: "prompt-slot" });
    },
  );

  test.each(BATCHINGS.map(({ name }) => name))(
    "prompts of any length are served as long as their KV fits; what turns others away is named (%s)",
    (batching) => {
      const shape = { layers: 2, nodes: 2, kvTokens: 30_000, promptMaxRequests: 1 };
      const result = run(
        clusterOf(shape),
        [
          [0, 1],
          [1, 2],
        ],
        {
          batching,
          outputRatio: 0,
          traffic: traceOf(
            [8000, 20_000, 100, 30_001].map((promptTokens, at) => ({
              atSeconds: 30 * at,
              promptTokens,
              outputTokens: 3,
            })),
          ),
          durationSeconds: Infinity,
        },
      );
      expect(result.requests).toMatchObject({ arrived: 4, finished: 3, rejected: 1 });
      expect(result.promptLimit).toEqual({ tokens: 30_000, by: "kv-cache" });
      expect(result.kvLeft).toBe(0);
    },
  );

  test("offline load on a cluster that refuses everything ends", () => {
    const result = run(clusterOf({ layers: 1, nodes: 1, kvTokens: 105 }), [[0, 1]], {
      lengths,
      traffic: { kind: "offline", initial: 3, feedMark: 0.8, concurrency: 3 },
      durationSeconds: 1000,
      stopAtEnd: true,
    });
    expect(result.requests).toMatchObject({ arrived: 0, finished: 0 });
    expect(result.requests.refusals).toBeGreaterThan(3);
  });
});

test("offline without known KV capacities keeps the concurrency asked for", () => {
  const result = run(
    clusterOf({ layers: 2, nodes: 2 }),
    [
      [0, 1],
      [1, 2],
    ],
    {
      traffic: { kind: "offline", initial: 3, feedMark: 0.8, concurrency: 12 },
      lengths: constantLengths("constant", 100, 300),
      warmupSeconds: 5,
      durationSeconds: 20,
      stopAtEnd: true,
    },
  );
  expect(result.meanInFlight).toBeGreaterThan(11);
  expect(result.meanInFlight).toBeLessThanOrEqual(12);
});

test("a machine without timing curves is refused by name", () => {
  const cluster = clusterOf({ layers: 1, nodes: 1 });
  const machine = cluster.machines[0]!;
  const { curves, ...capacity } = machine.capacity;
  expect(curves).toBeDefined();
  const bare = { ...cluster, machines: [{ ...machine, capacity }] };
  expect(() => run(bare, [[0, 1]])).toThrow(/machines\.gpu\.profile.*promptSeconds/);
});

test("continuous batching lets decodes pass a long prompt", () => {
  const cluster = clusterOf({
    layers: 8,
    nodes: 1,
    promptSeconds: [
      [0, 0],
      [1000, 0.1],
    ],
    promptMaxRequests: 2,
  });
  const requests = [
    ...Array.from({ length: 5 }, (_, i) => ({
      atSeconds: i * 0.01,
      promptTokens: 10,
      outputTokens: 200,
    })),
    ...Array.from({ length: 5 }, (_, i) => ({
      atSeconds: 0.5 + i * 0.5,
      promptTokens: 2000,
      outputTokens: 1,
    })),
  ];
  const worst = (batching: BatchingName) =>
    run(cluster, [[0, 8]], {
      batching,
      batchTokens: 128,
      traffic: traceOf(requests),
      durationSeconds: Infinity,
    }).timePerOutputToken.p99;
  expect(worst("continuous")).toBeLessThan(0.5 * worst("layerwise"));
});

test("the log of a small run", () => {
  const log: string[] = [];
  run(
    clusterOf({ layers: 3, nodes: 2 }),
    [
      [0, 2],
      [2, 3],
    ],
    {
      traffic: traceOf([
        { atSeconds: 0, promptTokens: 100, outputTokens: 1 },
        { atSeconds: 0.0001, promptTokens: 200, outputTokens: 1 },
      ]),
      durationSeconds: 1,
      observer: {
        batch: (b) =>
          log.push(
            `${(b.startSeconds * 1e3).toFixed(3)}–${(b.endSeconds * 1e3).toFixed(3)} n${b.node} ${b.layers.join(":")} ${b.prompts}/${b.promptTokens} ${b.decodes}`,
          ),
      },
    },
  );
  expect(log).toMatchInlineSnapshot(`
    [
      "1.000–2.045 n0 0:1 1/100 0",
      "2.045–3.045 n0 1:2 1/100 0",
      "3.045–5.135 n0 0:1 1/200 0",
      "4.145–5.190 n1 2:3 1/100 0",
      "5.135–7.135 n0 1:2 1/200 0",
      "7.191–9.191 n0 0:1 0/0 1",
      "8.336–10.426 n1 2:3 1/200 0",
      "9.191–11.191 n0 1:2 0/0 1",
      "12.192–14.193 n1 2:3 0/0 1",
      "12.426–14.426 n0 0:1 0/0 1",
      "14.426–16.426 n0 1:2 0/0 1",
      "17.427–19.428 n1 2:3 0/0 1",
    ]
  `);
});

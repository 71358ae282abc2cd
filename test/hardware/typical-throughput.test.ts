import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { typicalThroughput } from "../../src/hardware/typical-throughput.js";
import type { TypicalMachine } from "../../src/hardware/typical-throughput.js";
import { PAPER_WORKLOAD, T4_30B } from "./samples.js";

const T4: TypicalMachine = {
  count: 12,
  promptSeconds: T4_30B.promptSeconds,
  decodeSeconds: T4_30B.decodeSeconds,
  kvTokens: T4_30B.kvBlocks.map((blocks) => blocks * 16),
  start: { layers: 4, throughput: 8 },
};

const request = { layers: 60, workload: PAPER_WORKLOAD };

const machines = fc.array(
  fc
    .record({
      count: fc.integer({ min: 1, max: 20 }),
      prompt: fc.double({ min: 1e-6, max: 1e-4, noNaN: true }),
      decode: fc.double({ min: 1e-4, max: 1e-2, noNaN: true }),
      slope: fc.double({ min: 0, max: 1e-4, noNaN: true }),
      layers: fc.integer({ min: 1, max: 30 }),
      memory: fc.double({ min: 1e5, max: 1e7, noNaN: true }),
    })
    .map(({ count, prompt, decode, slope, layers, memory }): TypicalMachine => ({
      count,
      promptSeconds: [
        [0, 0],
        [1000, 1000 * prompt],
      ],
      decodeSeconds: [
        [1, decode + slope],
        [500, decode + 500 * slope],
      ],
      kvTokens: Array.from({ length: layers }, (_, k) => memory * (1 / (k + 1) - 1 / (layers + 2))),
    })),
  { minLength: 1, maxLength: 4 },
);

describe("rule helix-paper", () => {
  it("gives the published T(k) of 30B on twelve T4, dips included", () => {
    const [figures] = typicalThroughput({ ...request, machines: [T4], rule: "helix-paper" });
    figures!.forEach((value, k) => {
      expect(Math.abs(value / T4_30B.published[k]! - 1)).toBeLessThan(1e-3);
    });
    expect(figures![4]).toBeGreaterThan(figures![3]!);
  });
});

describe("rule helix", () => {
  it("never rises with the layers held, in any mix, and is positive", () => {
    fc.assert(
      fc.property(machines, (mix) => {
        for (const row of typicalThroughput({ ...request, machines: mix, rule: "helix" })) {
          row.forEach((value, k) => {
            expect(value).toBeGreaterThan(0);
            expect(value).toBeLessThanOrEqual(k === 0 ? Infinity : row[k - 1]!);
          });
        }
      }),
      { seed: 11, numRuns: 100 },
    );
  });

  it("does not depend on the order of the machines", () => {
    fc.assert(
      fc.property(machines, (mix) => {
        const rule = "helix";
        const forward = typicalThroughput({ ...request, machines: mix, rule });
        const backward = typicalThroughput({ ...request, machines: [...mix].reverse(), rule });
        forward.forEach((row, index) => {
          row.forEach((value, k) => {
            expect(backward[mix.length - 1 - index]![k]! / value).toBeCloseTo(1, 6);
          });
        });
      }),
      { seed: 12, numRuns: 50 },
    );
  });

  it("doubles where every time halves", () => {
    fc.assert(
      fc.property(machines, (mix) => {
        const half = mix.map((machine) => ({
          ...machine,
          promptSeconds: machine.promptSeconds.map(([x, y]) => [x, y / 2] as const),
          decodeSeconds: machine.decodeSeconds.map(([x, y]) => [x, y / 2] as const),
        }));
        const slow = typicalThroughput({ ...request, machines: mix, rule: "helix" });
        const fast = typicalThroughput({ ...request, machines: half, rule: "helix" });
        slow.forEach((row, index) => {
          row.forEach((value, k) => expect(fast[index]![k]! / value).toBeCloseTo(2, 5));
        });
      }),
      { seed: 13, numRuns: 50 },
    );
  });

  it("does not change when a type of machine is listed twice with half the nodes", () => {
    const rule = "helix";
    const once = typicalThroughput({ ...request, machines: [T4], rule });
    const parts = [
      { ...T4, count: 6 },
      { ...T4, count: 6 },
    ];
    const twice = typicalThroughput({ ...request, machines: parts, rule });
    once[0]!.forEach((value, k) => expect(twice[1]![k]! / value).toBeCloseTo(1, 9));
  });

  it("takes given figures into the mix and leaves them as they stand", () => {
    const given = { ...T4, tokensPerSecond: [9000, 4000], kvTokens: [] };
    const [row, estimated] = typicalThroughput({
      ...request,
      machines: [given, T4],
      rule: "helix",
    });
    expect(row).toEqual([9000, 4000]);
    expect(estimated).toHaveLength(7);
  });
});

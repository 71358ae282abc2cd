import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { solveByDinic } from "../../../src/math/flow/dinic.js";
import {
  findLargestRaise,
  findMarginalValues,
  findMinCuts,
} from "../../../src/math/flow/min-cut.js";
import { solveByPushRelabel } from "../../../src/math/flow/push-relabel.js";
import { bruteForceMinCut, close, networkOf, networks } from "./networks.js";

describe("findMinCuts", () => {
  it("gives two least cuts, one inside the other, the same from either algorithm", () => {
    fc.assert(
      fc.property(networks("small"), (network) => {
        const cuts = findMinCuts(network, solveByDinic(network));
        const least = bruteForceMinCut(network);
        for (const cut of [cuts.nearSource, cuts.nearSink]) {
          expect(close(cut.capacity, least)).toBe(true);
          expect(cut.sourceSide[network.source]).toBe(1);
          expect(cut.sourceSide[network.sink]).toBe(0);
        }
        cuts.nearSource.sourceSide.forEach((inside, v) => {
          expect(inside).toBeLessThanOrEqual(cuts.nearSink.sourceSide[v]!);
        });
        expect(findMinCuts(network, solveByPushRelabel(network))).toEqual(cuts);
      }),
      { seed: 31, numRuns: 500 },
    );
  });

  it("holds over twelve orders of magnitude", () => {
    fc.assert(
      fc.property(networks("wild"), (network) => {
        const found = solveByPushRelabel(network);
        const { nearSource, nearSink } = findMinCuts(network, found);
        expect(close(nearSource.capacity, found.value)).toBe(true);
        expect(close(nearSink.capacity, found.value)).toBe(true);
      }),
      { seed: 32, numRuns: 500 },
    );
  });

  it("refuses a flow that is not maximum", () => {
    const network = networkOf(2, [[0, 1, 2]]);
    expect(() => findMinCuts(network, { value: 1, flow: Float64Array.of(1) })).toThrow(/maximum/);
  });
});

describe("marginal values", () => {
  it("equal the growth of the least cut when one arc is widened, up to the largest raise", () => {
    fc.assert(
      fc.property(networks("small", 7, 16), fc.nat(), (network, i) => {
        const { tail, capacity } = network;
        if (tail.length === 0) return;
        const arc = i % tail.length;
        const found = solveByDinic(network);
        const marginal = findMarginalValues(network, found)[arc]!;
        const raise = findLargestRaise(network, found, arc, solveByPushRelabel);
        const widened = (extra: number) =>
          bruteForceMinCut({ ...network, capacity: capacity.with(arc, capacity[arc]! + extra) });
        expect(marginal).toBe(raise > 1e-9 ? 1 : 0);
        const step = Math.min(raise, 1e6);
        expect(widened(step) - found.value).toBeCloseTo(step, 6);
        expect(widened(step / 2) - found.value).toBeCloseTo(step / 2, 6);
        if (raise < Infinity) expect(widened(raise + 5) - found.value).toBeCloseTo(raise, 6);
      }),
      { seed: 33, numRuns: 500 },
    );
  });

  it("are zero where two cuts bind, and a raise is endless where nothing else does", () => {
    const chain = networkOf(3, [
      [0, 1, 2],
      [1, 2, 2],
    ]);
    expect(findMarginalValues(chain, solveByDinic(chain))).toEqual(Uint8Array.of(0, 0));
    const single = networkOf(2, [[0, 1, 2]]);
    expect(findLargestRaise(single, solveByDinic(single), 0, solveByDinic)).toBe(Infinity);
  });
});

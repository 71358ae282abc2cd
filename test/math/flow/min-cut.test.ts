import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { solveByDinic } from "../../../src/math/flow/dinic.js";
import { findMarginalValues, findMinCuts } from "../../../src/math/flow/min-cut.js";
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
  it("are one where the least cut grows with the arc, and else zero", () => {
    fc.assert(
      fc.property(networks("small", 7, 16), fc.nat(), (network, i) => {
        const { tail, capacity } = network;
        if (tail.length === 0) return;
        const arc = i % tail.length;
        const found = solveByDinic(network);
        const marginal = findMarginalValues(network, found)[arc]!;
        // By brute force: how far the least cut rises when the arc gets all it can use.
        const widest = { ...network, capacity: capacity.with(arc, Infinity) };
        const raise = bruteForceMinCut(widest) - bruteForceMinCut(network);
        expect(marginal).toBe(raise > 1e-9 ? 1 : 0);
      }),
      { seed: 33, numRuns: 500 },
    );
  });

  it("are zero where two cuts bind", () => {
    const chain = networkOf(3, [
      [0, 1, 2],
      [1, 2, 2],
    ]);
    expect(findMarginalValues(chain, solveByDinic(chain))).toEqual(Uint8Array.of(0, 0));
  });
});

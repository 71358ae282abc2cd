import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkFlow, checkMaximality } from "../../../src/math/flow/certificate.js";
import { solveByDinic } from "../../../src/math/flow/dinic.js";
import { networkOf, networks } from "./networks.js";

describe("checkFlow", () => {
  it("rejects a flow with one arc changed", () => {
    fc.assert(
      fc.property(
        networks("wild"),
        fc.nat(),
        fc.constantFrom(0.999, 1.001, -1),
        (network, i, factor) => {
          const found = solveByDinic(network);
          const carrying = [...found.flow.keys()].filter((a) => found.flow[a]! > 0);
          if (carrying.length === 0) return;
          // The arc with the most of its tail's and head's traffic, else the change may be tolerated.
          const arc = carrying[i % carrying.length]!;
          const flow = found.flow.slice();
          flow[arc]! *= factor;
          const through = (v: number) =>
            carrying.reduce(
              (sum, a) =>
                network.tail[a] === v || network.head[a] === v ? sum + found.flow[a]! : sum,
              0,
            );
          const share =
            found.flow[arc]! / Math.min(through(network.tail[arc]!), through(network.head[arc]!));
          if (share < 0.01) return;
          expect(checkFlow(network, { value: found.value, flow })).not.toEqual([]);
        },
      ),
      { seed: 21, numRuns: 500 },
    );
  });

  it("says what is wrong, and where", () => {
    const network = networkOf(3, [
      [0, 1, 2],
      [1, 2, 4],
    ]);
    const kinds = (value: number, flow: number[]) =>
      checkFlow(network, { value, flow: Float64Array.from(flow) }).map(({ kind }) => kind);
    expect(kinds(2, [2, 2])).toEqual([]);
    expect(kinds(1.9, [2, 2])).toEqual(["value"]);
    expect(kinds(3, [3, 3])).toEqual(["over-capacity"]);
    expect(kinds(2, [2, 1])).toEqual(["not-conserved", "value"]);
    expect(kinds(-1, [-1, -1])).toEqual(["negative", "negative"]);
    expect(kinds(2, [2, Number.NaN])).toEqual(["not-finite", "not-conserved", "value"]);
    expect(kinds(2, [2])).toEqual(["length"]);
  });

  it("rejects a preflow", () => {
    const network = networkOf(3, [
      [0, 1, 2],
      [1, 2, 1],
    ]);
    expect(checkFlow(network, { value: 1, flow: Float64Array.of(2, 1) })).toContainEqual({
      kind: "not-conserved",
      vertex: 1,
      received: 2,
      sent: 1,
    });
  });
});

describe("checkMaximality", () => {
  it("proves no flow that is less than maximum", () => {
    fc.assert(
      fc.property(
        networks("wild"),
        fc.double({ min: 0, max: 0.9999, noNaN: true }),
        (network, factor) => {
          const { value, flow } = solveByDinic(network);
          if (value === 0) return;
          const less = { value: value * factor, flow: flow.map((f) => f * factor) };
          expect(checkFlow(network, less)).toEqual([]);
          expect(checkMaximality(network, less).kind).toBe("unproven");
        },
      ),
      { seed: 22, numRuns: 500 },
    );
  });

  it("hands over the cut it found", () => {
    const network = networkOf(3, [
      [0, 1, 2],
      [1, 2, 4],
    ]);
    expect(checkMaximality(network, { value: 2, flow: Float64Array.of(2, 2) })).toEqual({
      kind: "proven",
      sourceSide: Uint8Array.of(1, 0, 0),
      cutCapacity: 2,
    });
  });
});

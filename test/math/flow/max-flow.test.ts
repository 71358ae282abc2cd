import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/core/errors.js";
import { checkFlow, checkMaximality } from "../../../src/math/flow/certificate.js";
import { solveByDinic } from "../../../src/math/flow/dinic.js";
import { solveByPushRelabel } from "../../../src/math/flow/push-relabel.js";
import { findUnboundedPath } from "../../../src/math/flow/unbounded-path.js";
import { allNetworks, bruteForceMinCut, close, networkOf, networks } from "./networks.js";

const algorithms = { dinic: solveByDinic, "push-relabel": solveByPushRelabel };

describe.each(Object.entries(algorithms))("%s", (_name, solve) => {
  it("attains the least cut, with a flow that passes the certificate", () => {
    fc.assert(
      fc.property(allNetworks(), (network) => {
        const least = bruteForceMinCut(network);
        if (least === Infinity) {
          expect(() => solve(network)).toThrow(InputError);
          return;
        }
        const found = solve(network);
        expect(close(found.value, least)).toBe(true);
        expect(checkFlow(network, found)).toEqual([]);
        expect(checkMaximality(network, found).kind).toBe("proven");
      }),
      { seed: 11, numRuns: 1500 },
    );
  });

  it("scales with the capacities", () => {
    const scale = fc.constantFrom(1e-9, 0.3, 7, 1e9);
    fc.assert(
      fc.property(networks("wild"), scale, (network, factor) => {
        const scaled = { ...network, capacity: network.capacity.map((c) => c * factor) };
        const found = solve(scaled);
        expect(close(found.value, factor * solve(network).value, 1e-9)).toBe(true);
        expect(checkFlow(scaled, found)).toEqual([]);
      }),
      { seed: 12, numRuns: 300 },
    );
  });

  it("never loses by an arc more", () => {
    fc.assert(
      fc.property(networks("wild", 8, 26), (network) => {
        const { tail, head, capacity } = network;
        if (tail.length === 0) return;
        const fewer = {
          ...network,
          tail: tail.slice(1),
          head: head.slice(1),
          capacity: capacity.slice(1),
        };
        expect(solve(network).value).toBeGreaterThanOrEqual(solve(fewer).value * (1 - 1e-9));
      }),
      { seed: 13, numRuns: 300 },
    );
  });

  it("gives the same bytes for the same network", () => {
    fc.assert(
      fc.property(networks("wild", 12, 60), (network) => {
        expect(solve(network)).toEqual(solve({ ...network, capacity: network.capacity.slice() }));
      }),
      { seed: 14, numRuns: 100 },
    );
  });

  it("keeps a unit flow exact beside a flood that cannot pass", () => {
    const network = networkOf(5, [
      [0, 1, 1e12],
      [1, 2, 1e12],
      [2, 1, 1e12],
      [2, 3, 1e12],
      [3, 4, 1 / 3],
      [1, 4, 1 / 7],
      [3, 1, 1e12],
    ]);
    const found = solve(network);
    expect(found.value).toBeCloseTo(1 / 3 + 1 / 7, 14);
    expect(checkFlow(network, found)).toEqual([]);
    expect(Math.max(...found.flow)).toBeLessThan(1);
  });

  it.each([
    ["no arcs", networkOf(3, []), 0],
    ["arcs that miss the sink", networkOf(3, [[0, 1, 5]]), 0],
    [
      "only arcs of no capacity",
      networkOf(3, [
        [0, 1, 0],
        [1, 2, 0],
      ]),
      0,
    ],
    [
      "parallel arcs",
      networkOf(2, [
        [0, 1, 2],
        [0, 1, 3],
        [1, 0, 9],
      ]),
      5,
    ],
    [
      "infinite arcs around a finite one",
      networkOf(4, [
        [0, 1, Infinity],
        [1, 2, 6.5],
        [2, 3, Infinity],
      ]),
      6.5,
    ],
    [
      "an infinite cycle",
      networkOf(4, [
        [0, 1, 4],
        [1, 2, Infinity],
        [2, 1, Infinity],
        [2, 3, 3],
      ]),
      3,
    ],
  ])("handles %s", (_case, network, value) => {
    const found = solve(network);
    expect(found.value).toBe(value);
    expect(checkFlow(network, found)).toEqual([]);
  });

  it("names every problem of a broken network", () => {
    const broken = {
      ...networkOf(3, [
        [0, 0, 1],
        [0, 7, -2],
        [1, 2, Number.NaN],
      ]),
      sink: 0,
    };
    expect(() => solve(broken)).toThrow(InputError);
    try {
      solve(broken);
    } catch (error) {
      const paths = (error as InputError).problems.map((problem) => problem.path);
      expect(paths).toEqual(["sink", "head[0]", "head[1]", "capacity[1]", "capacity[2]"]);
    }
  });

  it("refuses arrays of different lengths and ends out of range", () => {
    const network = networkOf(2, [[0, 1, 1]]);
    expect(() => solve({ ...network, capacity: new Float64Array(2) })).toThrow(/2 capacities/);
    expect(() => solve({ ...network, source: 4 })).toThrow(/source/);
    expect(() => solve({ ...network, tail: Int32Array.of(-1) })).toThrow(/tail\[0\]/);
  });
});

describe("both algorithms", () => {
  it("lose no digits to a flood: seventeen digits of excess over a bottleneck of few", () => {
    const flood = fc.double({ min: 1e11, max: 1e12, noNaN: true });
    const trickle = fc.double({ min: 0.1, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(flood, flood, trickle), { minLength: 2, maxLength: 8 }),
        (rows) => {
          const hub = rows.length + 1;
          const gate = hub + 1;
          const network = networkOf(gate + 2, [
            ...rows.map(([c], i) => [0, 1 + i, c] as const),
            ...rows.map(([, c], i) => [1 + i, hub, c] as const),
            ...rows.map(([, c], i) => [hub, 1 + i, c] as const),
            ...rows.map(([, , c], i) => [1 + i, gate, c] as const),
            [hub, gate, 1 / 3] as const,
            [gate, gate + 1, 1e13] as const,
          ]);
          const least = rows.reduce((sum, [, , c]) => sum + c, 1 / 3);
          for (const solve of [solveByDinic, solveByPushRelabel]) {
            const found = solve(network);
            expect(close(found.value, least, 1e-13)).toBe(true);
            expect(checkFlow(network, found)).toEqual([]);
            expect(checkMaximality(network, found).kind).toBe("proven");
          }
        },
      ),
      { seed: 17, numRuns: 200 },
    );
  });

  it("agree on networks too large for brute force, with certificates", () => {
    for (const kind of ["small", "wild", "endless"] as const) {
      fc.assert(
        fc.property(networks(kind, 60, 400), (network) => {
          if (findUnboundedPath(network) !== undefined) return;
          const a = solveByDinic(network);
          const b = solveByPushRelabel(network);
          expect(close(a.value, b.value, 1e-9)).toBe(true);
          for (const found of [a, b]) {
            expect(checkFlow(network, found)).toEqual([]);
            expect(checkMaximality(network, found).kind).toBe("proven");
          }
        }),
        { seed: 15, numRuns: 150 },
      );
    }
  });
});

describe("findUnboundedPath", () => {
  it("finds a path of infinite arcs exactly when no cut is finite", () => {
    fc.assert(
      fc.property(networks("endless"), (network) => {
        const path = findUnboundedPath(network);
        expect(path !== undefined).toBe(bruteForceMinCut(network) === Infinity);
        if (path === undefined) return;
        let v = network.source;
        for (const a of path) {
          expect(network.tail[a]).toBe(v);
          expect(network.capacity[a]).toBe(Infinity);
          v = network.head[a]!;
        }
        expect(v).toBe(network.sink);
      }),
      { seed: 16, numRuns: 500 },
    );
  });
});

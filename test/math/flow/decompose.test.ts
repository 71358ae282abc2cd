import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decomposeFlow } from "../../../src/math/flow/decompose.js";
import { solveByDinic } from "../../../src/math/flow/dinic.js";
import type { FlowNetwork } from "../../../src/math/flow/network.js";
import { solveByPushRelabel } from "../../../src/math/flow/push-relabel.js";
import { close, networkOf, networks } from "./networks.js";

describe("decomposeFlow", () => {
  it("gives at most m simple paths, widest first, that add up to the flow", () => {
    for (const solve of [solveByDinic, solveByPushRelabel]) {
      fc.assert(
        fc.property(networks("wild", 12, 50), (network) => {
          const { value, flow } = solve(network);
          const paths = decomposeFlow(network, flow);
          expect(paths.length).toBeLessThanOrEqual(flow.length);
          const sum = new Float64Array(flow.length);
          let previous = Infinity;
          for (const { arcs, amount } of paths) {
            let v = network.source;
            const seen = new Set([v]);
            for (const a of arcs) {
              expect(network.tail[a]).toBe(v);
              v = network.head[a]!;
              expect(seen.has(v)).toBe(false);
              seen.add(v);
              sum[a]! += amount;
            }
            expect(v).toBe(network.sink);
            expect(amount).toBeGreaterThan(0);
            expect(amount).toBeLessThanOrEqual(previous * (1 + 1e-9));
            previous = amount;
          }
          const carried = paths.reduce((total, { amount }) => total + amount, 0);
          expect(close(carried, value, 1e-9)).toBe(true);
          flow.forEach((f, a) => expect(Math.abs(f - sum[a]!)).toBeLessThanOrEqual(1e-9 * value));
        }),
        { seed: 41, numRuns: 250 },
      );
    }
  });

  it("takes the widest path over what is left at every step, the lowest arc of equals", () => {
    fc.assert(
      fc.property(networks("small", 9, 30), (drawn) => {
        // Whole numbers, so that equal widths are equal.
        const network = { ...drawn, capacity: drawn.capacity.map(Math.floor) };
        const { flow } = solveByDinic(network);
        const left = flow.slice();
        for (const { arcs, amount } of decomposeFlow(network, flow)) {
          const width = widths(network, left);
          expect(amount).toBe(width[network.sink]);
          for (const a of arcs) {
            const best = width[network.head[a]!]!;
            const lowest = [...left.keys()].findIndex(
              (b) =>
                network.head[b] === network.head[a] &&
                Math.min(width[network.tail[b]!]!, left[b]!) === best,
            );
            expect(a).toBe(lowest);
          }
          for (const a of arcs) left[a]! -= amount;
        }
      }),
      { seed: 42, numRuns: 250 },
    );
  });

  it("drops cycles and takes the widest path first", () => {
    const network = networkOf(5, [
      [0, 1, 9],
      [1, 4, 5],
      [1, 2, 9],
      [2, 3, 9],
      [3, 1, 9],
      [3, 4, 9],
    ]);
    const flow = Float64Array.of(7, 2, 8, 8, 3, 5);
    expect(decomposeFlow(network, flow)).toEqual([
      { arcs: [0, 2, 3, 5], amount: 5 },
      { arcs: [0, 1], amount: 2 },
    ]);
  });

  it("finds nothing in a flow of nothing", () => {
    expect(decomposeFlow(networkOf(2, [[0, 1, 3]]), Float64Array.of(0))).toEqual([]);
  });
});

/** The width of the widest path to every vertex, by relaxing all arcs until nothing changes. */
function widths(network: FlowNetwork, left: Float64Array): Float64Array {
  const { vertexCount, source, tail, head } = network;
  const width = new Float64Array(vertexCount);
  width[source] = Infinity;
  for (let changed = true; changed;) {
    changed = false;
    left.forEach((amount, a) => {
      const through = Math.min(width[tail[a]!]!, amount);
      if (through <= width[head[a]!]!) return;
      width[head[a]!] = through;
      changed = true;
    });
  }
  return width;
}

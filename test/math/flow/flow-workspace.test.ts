import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkFlow } from "../../../src/math/flow/certificate.js";
import { solveByDinic } from "../../../src/math/flow/dinic.js";
import { createFlowWorkspace } from "../../../src/math/flow/flow-workspace.js";
import type { FlowNetwork } from "../../../src/math/flow/network.js";
import { findUnboundedPath } from "../../../src/math/flow/unbounded-path.js";
import { allNetworks, close, networkOf, networks } from "./networks.js";

const workspace = createFlowWorkspace(10, 40);

function load({ vertexCount, tail, head, capacity }: FlowNetwork): void {
  workspace.reset(vertexCount);
  tail.forEach((v, a) => expect(workspace.addArc(v, head[a]!, capacity[a]!)).toBe(a));
}

describe("flow workspace", () => {
  it("agrees with a fresh solve whatever was solved in it before", () => {
    fc.assert(
      fc.property(allNetworks(10, 40), (network) => {
        const { source, sink, tail, head, capacity } = network;
        load(network);
        const value = workspace.solve(source, sink);
        if (findUnboundedPath(network) !== undefined) {
          expect(value).toBe(Infinity);
          return;
        }
        expect(close(value, solveByDinic(network).value, 1e-9)).toBe(true);
        let cut = 0;
        capacity.forEach((c, a) => {
          const crosses = workspace.onSourceSide(tail[a]!) && !workspace.onSourceSide(head[a]!);
          if (crosses) cut += c;
        });
        expect(close(cut, value)).toBe(true);
      }),
      { seed: 51, numRuns: 1000 },
    );
  });

  it("leaves a flow to read", () => {
    fc.assert(
      fc.property(networks("small", 10, 40), (network) => {
        load(network);
        const value = workspace.solve(network.source, network.sink);
        const flow = Float64Array.from(network.tail, (_, a) => workspace.flowOf(a));
        expect(checkFlow(network, { value, flow })).toEqual([]);
      }),
      { seed: 52, numRuns: 300 },
    );
  });

  it("follows a change of capacity, also between solves", () => {
    fc.assert(
      fc.property(networks("wild", 10, 40), fc.nat(), (network, i) => {
        if (network.tail.length === 0) return;
        const arc = i % network.tail.length;
        const changed = { ...network, capacity: network.capacity.with(arc, 12.5) };
        load(network);
        const before = workspace.solve(network.source, network.sink);
        workspace.setCapacity(arc, 12.5);
        const after = workspace.solve(network.source, network.sink);
        expect(close(after, solveByDinic(changed).value, 1e-9)).toBe(true);
        workspace.setCapacity(arc, network.capacity[arc]!);
        expect(workspace.solve(network.source, network.sink)).toBe(before);
      }),
      { seed: 53, numRuns: 300 },
    );
  });

  it("stops early only with as much as was asked for", () => {
    fc.assert(
      fc.property(
        networks("small", 10, 40),
        fc.double({ min: 0.1, max: 1.5, noNaN: true }),
        (network, share) => {
          load(network);
          const full = workspace.solve(network.source, network.sink);
          const enough = full * share;
          const value = workspace.solve(network.source, network.sink, enough);
          expect(value).toBeLessThanOrEqual(full * (1 + 1e-9));
          expect(value).toBeGreaterThanOrEqual(Math.min(enough, full * (1 - 1e-9)));
        },
      ),
      { seed: 54, numRuns: 300 },
    );
  });

  it("comes to the same value from any guess along a line of vertices", () => {
    const guesses = fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 40 });
    fc.assert(
      fc.property(networks("small", 9, 30), guesses, (network, shares) => {
        // A single arc at the source, and all others forwards.
        const last = network.vertexCount;
        const arcs = Array.from(network.tail, (tail, a) => {
          const head = network.head[a]!;
          return [
            Math.min(tail, head) + 1,
            Math.max(tail, head) + 1,
            network.capacity[a]!,
          ] as const;
        });
        load(networkOf(last + 1, [[0, 1, 20], ...arcs]));
        const value = workspace.solve(0, last);
        const capacities = [20, ...network.capacity];
        const guess = Float64Array.from(capacities, (c, a) => Math.min(c, c * shares[a]!));
        const order = Int32Array.from({ length: last - 1 }, (_, k) => k + 1);
        expect(workspace.solveFrom(guess, order, last - 1, 0, last)).toBeCloseTo(value, 9);
        const flow = Float64Array.from(capacities, (_, a) => workspace.flowOf(a));
        const whole = networkOf(last + 1, [[0, 1, 20], ...arcs]);
        expect(checkFlow(whole, { value, flow })).toEqual([]);
      }),
      { seed: 55, numRuns: 500 },
    );
  });

  it("refuses more than it has room for", () => {
    const tight = createFlowWorkspace(2, 1);
    expect(() => tight.reset(3)).toThrow(/vertices/);
    tight.reset(2);
    tight.addArc(0, 1, 4);
    expect(() => tight.addArc(0, 1, 4)).toThrow(/arcs/);
    expect(tight.solve(0, 1)).toBe(4);
    load(networkOf(2, []));
    expect(workspace.solve(0, 1)).toBe(0);
  });
});

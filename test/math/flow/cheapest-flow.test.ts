import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { checkFlow, checkMaximality } from "../../../src/math/flow/certificate.js";
import { findCheapestFlow } from "../../../src/math/flow/cheapest-flow.js";
import { solveByDinic } from "../../../src/math/flow/dinic.js";
import type { FlowNetwork } from "../../../src/math/flow/network.js";
import { solveByPushRelabel } from "../../../src/math/flow/push-relabel.js";
import { findUnboundedPath } from "../../../src/math/flow/unbounded-path.js";
import type { Solver } from "../../../src/math/lp/solver.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { solveFlowCostLp } from "../../support/flow-lp.js";
import { allNetworks, close, networkOf, networks } from "./networks.js";

const anyCost = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: -4, max: 2, noNaN: true }).map((exponent) => 10 ** exponent),
);

/** A network with a cost for every arc. */
function priced(arbitrary: fc.Arbitrary<FlowNetwork>) {
  return arbitrary.chain((network) =>
    fc
      .array(anyCost, { minLength: network.tail.length, maxLength: network.tail.length })
      .map((cost) => ({ network, cost: Float64Array.from(cost) })),
  );
}

const costOf = (flow: Float64Array, cost: Float64Array): number =>
  flow.reduce((sum, amount, arc) => sum + amount * cost[arc]!, 0);

/**
 * Weak duality: no flow of this value without cycles is cheaper by more than this, whatever the
 * potentials. Such a flow carries at most the value on any arc.
 */
function costExcess(
  { tail, head, capacity }: FlowNetwork,
  value: number,
  flow: Float64Array,
  cost: Float64Array,
  potential: Float64Array,
): number {
  let excess = 0;
  flow.forEach((amount, arc) => {
    const reduced = cost[arc]! + potential[tail[arc]!]! - potential[head[arc]!]!;
    const most = Math.min(capacity[arc]!, value);
    excess += reduced > 0 ? reduced * amount : -reduced * Math.max(0, most - amount);
  });
  return excess;
}

describe("findCheapestFlow", () => {
  let highs: Solver;
  beforeAll(async () => {
    highs = await loadSolver("highs");
  });

  it("costs what the linear program says", () => {
    fc.assert(
      fc.property(priced(networks("small")), ({ network, cost }) => {
        const start = solveByDinic(network);
        const { flow, finished } = findCheapestFlow(network, start.flow, cost);
        expect(finished).toBe(true);
        const least = solveFlowCostLp(network, cost, start.value, highs);
        const scale = Math.max(...cost, 0) * start.value;
        expect(Math.abs(costOf(flow, cost) - least)).toBeLessThanOrEqual(1e-6 * scale);
      }),
      { seed: 51, numRuns: 250 },
    );
  });

  it("keeps value, conservation and capacities, and proves its cost by its potentials", () => {
    for (const solve of [solveByDinic, solveByPushRelabel]) {
      fc.assert(
        fc.property(priced(allNetworks(12, 50)), ({ network, cost }) => {
          fc.pre(findUnboundedPath(network) === undefined);
          const start = solve(network);
          const { flow, potential, finished } = findCheapestFlow(network, start.flow, cost);
          expect(finished).toBe(true);
          expect(checkFlow(network, { value: start.value, flow })).toEqual([]);
          expect(checkMaximality(network, { value: start.value, flow }).kind).toBe("proven");
          const before = costOf(start.flow, cost);
          expect(costOf(flow, cost)).toBeLessThanOrEqual(before * (1 + 1e-9));
          const excess = costExcess(network, start.value, flow, cost, potential);
          expect(excess).toBeLessThanOrEqual(1e-6 * Math.max(...cost, 0) * start.value);
        }),
        { seed: 52, numRuns: 1000 },
      );
    }
  });

  it("is a flow of the same value wherever it is stopped, and no dearer for more work", () => {
    fc.assert(
      fc.property(priced(networks("wild", 10, 60)), ({ network, cost }) => {
        const { value, flow: start } = solveByPushRelabel(network);
        let last = costOf(start, cost);
        for (const work of [0, 1, 70, 100, 140, 200, 300, Infinity]) {
          const { flow } = findCheapestFlow(network, start, cost, work);
          expect(checkFlow(network, { value, flow })).toEqual([]);
          const now = costOf(flow, cost);
          expect(now).toBeLessThanOrEqual(last * (1 + 1e-9));
          last = now;
        }
      }),
      { seed: 53, numRuns: 300 },
    );
  });

  it("says when it was stopped", () => {
    const { network, start, cost } = detour();
    expect(findCheapestFlow(network, start, cost, 0)).toMatchObject({
      flow: start,
      finished: false,
    });
    const { flow, finished } = findCheapestFlow(network, start, cost);
    expect([...flow]).toEqual([1, 1, 0, 0, 1]);
    expect(finished).toBe(true);
  });

  it("leaves ties as they are", () => {
    const { network, start } = detour();
    const flow = Float64Array.of(0.25, 0.25, 0.75, 0.75, 1);
    for (const given of [start, flow])
      expect(findCheapestFlow(network, given, Float64Array.of(1, 1, 1, 1, 1)).flow).toEqual(given);
  });

  it("finds the same flow in a large layered network from either algorithm's flow", () => {
    const { network, cost } = layered(12, 8);
    const costs = [solveByDinic, solveByPushRelabel].map((solve) => {
      const { value, flow: start } = solve(network);
      const { flow, potential, finished } = findCheapestFlow(network, start, cost);
      expect(finished).toBe(true);
      const excess = costExcess(network, value, flow, cost, potential);
      expect(excess).toBeLessThanOrEqual(1e-6 * costOf(flow, cost));
      return costOf(flow, cost);
    });
    expect(close(costs[0]!, costs[1]!)).toBe(true);
  });
});

/** Two ways of one unit each; the flow takes the second, which costs twice as much. */
function detour() {
  const network = networkOf(5, [
    [0, 1, 1],
    [1, 3, 1],
    [0, 2, 1],
    [2, 3, 1],
    [3, 4, 1],
  ]);
  return {
    network,
    start: Float64Array.of(0, 0, 1, 1, 1),
    cost: Float64Array.of(1, 1, 2, 2, 0),
  };
}

/** Layers of vertices, every one linked to all of the next, with many equal costs. */
function layered(layers: number, width: number) {
  const arcs: [number, number, number][] = [];
  const cost: number[] = [];
  const vertex = (layer: number, at: number): number => 1 + layer * width + at;
  const sink = 1 + layers * width;
  for (let i = 0; i < width; i++) {
    arcs.push([0, vertex(0, i), 50], [vertex(layers - 1, i), sink, 50]);
    cost.push(0, 0);
    for (let layer = 0; layer + 1 < layers; layer++) {
      for (let j = 0; j < width; j++) {
        arcs.push([vertex(layer, i), vertex(layer + 1, j), 3 + ((7 * i + 5 * j + layer) % 11)]);
        cost.push(0.001 + 0.05 * ((3 * i + j * j + layer) % 3));
      }
    }
  }
  return { network: networkOf(sink + 1, arcs), cost: Float64Array.from(cost) };
}

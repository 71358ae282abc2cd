import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { checkFlow } from "../../../src/math/flow/certificate.js";
import { solveByPushRelabel } from "../../../src/math/flow/push-relabel.js";
import { buildSteps, cheapenMaxFlow, flowOnSteps } from "../../../src/math/flow/stepped-cost.js";
import { findUnboundedPath } from "../../../src/math/flow/unbounded-path.js";
import type { Solver } from "../../../src/math/lp/solver.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { solveFlowCostLp } from "../../support/flow-lp.js";
import { allNetworks, networkOf, networks } from "./networks.js";

/** Cost without flow, and what a full arc costs more. */
const tenths = fc.integer({ min: 0, max: 30 }).map((x) => x / 10);
const pairs = fc.array(fc.tuple(tenths, tenths), { minLength: 60, maxLength: 60 });
const rising =
  (costs: readonly (readonly [number, number])[]) =>
  (arc: number, share: number): number =>
    costs[arc]![0] + (share === 0 ? 0 : share * costs[arc]![1]);

describe("cheapenMaxFlow", () => {
  let highs: Solver;
  beforeAll(async () => {
    highs = await loadSolver("highs");
  });

  it("costs what the linear program of the steps says", () => {
    fc.assert(
      fc.property(networks("small"), pairs, (network, costs) => {
        const start = solveByPushRelabel(network);
        const steps = buildSteps(network, rising(costs));
        const { flow } = cheapenMaxFlow(network, start, rising(costs));
        const costOf = (of: Float64Array): number =>
          flowOnSteps(steps, of).reduce((sum, amount, step) => sum + amount * steps.cost[step]!, 0);
        const least = solveFlowCostLp(steps.network, steps.cost, start.value, highs);
        const tolerance = 1e-6 * Math.max(...steps.cost, 0) * start.value;
        expect(Math.abs(costOf(flow) - least)).toBeLessThanOrEqual(tolerance);
        expect(costOf(flow)).toBeLessThanOrEqual(costOf(start.flow) * (1 + 1e-9));
      }),
      { seed: 54, numRuns: 150 },
    );
  });

  it("keeps the value, conservation and capacities of any network", () => {
    fc.assert(
      fc.property(allNetworks(12, 50), pairs, (network, costs) => {
        fc.pre(findUnboundedPath(network) === undefined);
        const start = solveByPushRelabel(network);
        const found = cheapenMaxFlow(network, start, rising(costs));
        expect(checkFlow(network, { value: start.value, flow: found.flow })).toEqual([]);
        expect(checkFlow(network, found)).toEqual([]);
      }),
      { seed: 55, numRuns: 500 },
    );
  });

  it("spreads over ways that fill up, and takes the cheaper one where they do not", () => {
    const network = networkOf(5, [
      [0, 1, 10],
      [0, 2, 10],
      [1, 3, 20],
      [2, 3, 20],
      [3, 4, 10],
    ]);
    const start = { value: 10, flow: Float64Array.of(10, 0, 10, 0, 10) };
    const flowWith = (cost: (arc: number, share: number) => number): number[] => [
      ...cheapenMaxFlow(network, start, cost).flow,
    ];
    expect(flowWith((arc, share) => (arc < 2 ? share : 0))).toEqual([5, 5, 5, 5, 10]);
    expect(flowWith((arc) => (arc === 0 ? 1 : 0))).toEqual([0, 10, 0, 10, 10]);
    // From half of its capacity on, the first way costs more than the second ever does.
    expect(flowWith((arc, share) => (arc === 0 ? 2 * share : arc === 1 ? 1 : 0))[0]).toBe(5);
  });

  it("returns the very flow where nothing costs anything, or the network is too large", () => {
    const network = networkOf(2, [
      [0, 1, 2],
      [0, 1, 2],
    ]);
    const start = solveByPushRelabel(network);
    expect(cheapenMaxFlow(network, start, () => 0)).toBe(start);
    expect(cheapenMaxFlow(network, start, () => 1, 79)).toBe(start);
    expect(cheapenMaxFlow(network, start, () => 1, 80)).not.toBe(start);
  });
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { blockStrategy } from "../../../src/planner/coverings/block-strategy.js";
import { chainStrategy } from "../../../src/planner/starts/chain-strategy.js";
import { stageStrategy } from "../../../src/planner/coverings/stage-strategy.js";
import type { PlanningProblem } from "../../../src/planner/problem/problem.js";
import type { Strategy } from "../../../src/planner/problem/strategy.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { bruteForceOptimum, choicesOf } from "../../support/brute-force.js";
import { freeNetworkProblem } from "../../support/free-network.js";
import { createRecordingContext, type RecordingContext } from "../../support/search-context.js";

const solver = await loadSolver("highs");
const SIZE = { nodes: [2, 4], layers: [2, 5] } as const;
const stages = stageStrategy("whole");
const composite = stageStrategy("pieces");
const lanes = stageStrategy("lanes");
const MODELS = { chainStrategy, stages, composite, lanes, blockStrategy };

function run(strategy: Strategy, problem: PlanningProblem): RecordingContext {
  const context = createRecordingContext(problem, { solver, iterations: 40 });
  strategy(problem, context);
  return context;
}

function bestOf({ offers }: RecordingContext): number {
  return offers.reduce((most, { throughput }) => Math.max(most, throughput), 0);
}

test.each(Object.entries(MODELS))(
  "%s offers legal intervals, never more than there is",
  (_, strategy) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.boolean(), (seed, partial) => {
        const problem = freeNetworkProblem(seed, SIZE, partial);
        const optimum = bruteForceOptimum(problem).throughput;
        const context = run(strategy, problem);
        for (const { placement } of context.offers) {
          placement.forEach((interval, node) =>
            expect(choicesOf(problem, node)).toContainEqual(interval),
          );
        }
        expect(bestOf(context)).toBeLessThanOrEqual(optimum * (1 + 1e-9));
        for (const { value } of context.bounds) expect(value).toBeGreaterThanOrEqual(optimum);
      }),
      { seed: 51, numRuns: 15 },
    );
  },
);

test("block enumeration finds and proves the optimum of every small problem", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const problem = freeNetworkProblem(seed, SIZE, true);
      const optimum = bruteForceOptimum(problem).throughput;
      const context = createRecordingContext(problem, { solver });
      blockStrategy(problem, context);
      expect(bestOf(context)).toBeCloseTo(optimum, 6);
      const bound = Math.min(Infinity, ...context.bounds.map(({ value }) => value));
      if (optimum > 0) expect(bound).toBeLessThanOrEqual(optimum * (1 + 1e-5));
    }),
    { seed: 52, numRuns: 100 },
  );
});

test("whole stages, then pieces, then lanes: each holds the ones before it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.boolean(), (seed, partial) => {
      const problem = freeNetworkProblem(seed, { nodes: [3, 6], layers: [3, 8] }, partial);
      const [chain, whole, pieces, side] = [chainStrategy, stages, composite, lanes].map(
        (strategy) => bestOf(run(strategy, problem)),
      );
      expect(whole).toBeGreaterThanOrEqual(chain! * (1 - 1e-3));
      expect(pieces).toBeGreaterThanOrEqual(whole! * (1 - 1e-3));
      expect(side).toBeGreaterThanOrEqual(pieces! * (1 - 1e-3));
    }),
    { seed: 53, numRuns: 15 },
  );
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checkPlacement } from "../../src/check/check-placement.js";
import { createRandom } from "../../src/core/random.js";
import { measureThroughput } from "../../src/planner/problem/measure-throughput.js";
import { describePlacement } from "../../src/planner/result/placement-file.js";
import { randomPlacement, randomProblem } from "../support/random-problem.js";

test("the checker charges NICs as the planner does, whatever limits the routes", () => {
  let judged = 0;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const free = randomProblem(seed, { nodes: [2, 5], layers: [2, 5], thin: 0.7 });
      const { cluster } = free;
      const random = createRandom(seed);
      const limits = [{ chainsOnly: true }, { maxDepth: 2 }, { chainsOnly: true, maxDepth: 2 }];
      const constraints = { ...free.constraints, ...limits[seed % limits.length]! };
      const problem = { ...free, constraints };
      const placement = randomPlacement(problem, random);
      const throughput = measureThroughput(problem, placement);
      if (throughput === 0) return;
      judged++;
      const file = describePlacement(cluster, placement, {
        clusterSha256: "",
        objective: "flow",
        problem,
        upperBound: throughput,
        boundName: "test",
        gapAsked: 0,
        termination: "exhausted",
        solve: { seconds: 0, seed: 0, strategies: [], versions: {} },
      });
      expect(checkPlacement(cluster, file)).toEqual([]);
    }),
    { seed: 5, numRuns: 3000 },
  );
  expect(judged).toBeGreaterThan(300);
});

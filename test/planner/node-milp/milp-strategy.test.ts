import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { createInlinePorts } from "../../support/inline-ports.js";
import { milpStrategy, paperMilpStrategy } from "../../../src/planner/node-milp/milp-strategy.js";
import { chooseSchedule } from "../../../src/planner/portfolio/choose-schedule.js";
import { createRandom } from "../../../src/core/random.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { bruteForceOptimum, countPlacements } from "../../support/brute-force.js";
import { randomPlacement, randomProblem } from "../../support/random-problem.js";
import { createRecordingContext } from "../../support/search-context.js";

const highs = await loadSolver("highs");

test("it proves the optimum, from nothing and from any start", () => {
  let seen = 0;
  for (let seed = 3000; seen < 6; seed++) {
    const problem = randomProblem(seed, { nodes: [2, 4], layers: [2, 4] });
    if (countPlacements(problem) > 600) continue;
    seen += 1;
    const { throughput } = bruteForceOptimum(problem);
    const start = randomPlacement(problem, createRandom(seed));
    for (const strategy of [milpStrategy, paperMilpStrategy]) {
      for (const setup of [{ solver: highs }, { solver: highs, start }]) {
        const context = createRecordingContext(problem, setup);
        strategy(problem, context);
        const found = context.incumbent()?.throughput ?? 0;
        expect(found, problem.cluster.name).toBeCloseTo(throughput, 4);
        expect(context.upperBound()).toBeGreaterThanOrEqual(throughput);
        if (strategy === paperMilpStrategy) expect(context.bounds).toEqual([]);
        else expect(context.upperBound()).toBeLessThanOrEqual(throughput + 1e-3);
      }
    }
  }
});

test("a little that others add beside the best machine is not lost in the solver's tolerance", async () => {
  const path = "solver-fixtures/beside-a-whole-model/cluster.json";
  const { cluster } = loadCluster(path, readFileSync(path, "utf8"));
  // With this seed HiGHS's usual tolerance proved a bound below the optimum.
  const options = { strategy: "milp", seed: 9461, partialInference: false, gap: 0 } as const;
  const counted = { ...options, threads: 0, iterationLimit: 2 };
  const outcome = await plan(cluster, counted, createInlinePorts());
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(outcome.file.upperBound).toBeGreaterThanOrEqual(33.65231665079289);
});

test("with a node limit the same seed gives the same offers, and every bound is valid", () => {
  for (let seed = 4000; seed < 4002; seed++) {
    const problem = randomProblem(seed, { nodes: [4, 5], layers: [5, 6] });
    const run = (): ReturnType<typeof createRecordingContext> => {
      const context = createRecordingContext(problem, { solver: highs, iterations: 5, seed });
      milpStrategy(problem, context);
      return context;
    };
    const [first, second] = [run(), run()];
    expect(JSON.stringify(first.offers)).toBe(JSON.stringify(second.offers));
    expect(first.bounds).toEqual(second.bounds);
    for (const { throughput } of first.offers)
      expect(first.upperBound()).toBeGreaterThanOrEqual(throughput);
  }
});

test("it returns at once when told to stop, and its row refuses a cluster beyond its size", () => {
  const problem = randomProblem(1, { nodes: [3, 3], layers: [4, 4] });
  const stopped = createRecordingContext(problem, { solver: highs, shouldStop: () => true });
  milpStrategy(problem, stopped);
  expect(stopped.offers).toEqual([]);
  const large = randomProblem(1, { nodes: [300, 300], layers: [4, 4] });
  expect(() => chooseSchedule(large, "milp")).toThrow(/milp.*links/s);
});

import { expect, test } from "vitest";
import { createRandom } from "../../../src/core/random.js";
import { createLocalEvaluator } from "../../../src/planner/local/local-evaluator.js";
import { networkIsThick } from "../../../src/planner/local/local-links.js";
import { maxFlowOf } from "../../support/brute-force.js";
import { randomPlacement, randomProblem } from "../../support/random-problem.js";

test("after any sequence of changes the flow is the judge's, and the weakest layer bounds it", () => {
  let tighter = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const problem = randomProblem(seed, { nodes: [2, 20], layers: [2, 20], regions: 3 });
    const random = createRandom(seed);
    const evaluator = createLocalEvaluator(problem);
    for (let change = 0; change < 12; change++) {
      const placement = randomPlacement(problem, random);
      if (change === 0) evaluator.load(placement);
      const node = random.int(placement.length);
      evaluator.place(node, placement[node]?.[0] ?? 0, placement[node]?.[1] ?? 0);
      const carried = maxFlowOf(problem.cluster, evaluator.read(), problem.partialInference);
      const flow = evaluator.flow();
      expect(flow, `seed ${seed}`).toBeCloseTo(carried, 6);
      expect(evaluator.weakest()).toBeGreaterThanOrEqual(flow - 1e-9 * (1 + flow));
      expect(evaluator.flow(carried / 2)).toBeGreaterThanOrEqual(carried / 2);
      const target = evaluator.weakest() + 1;
      expect(evaluator.deficit(target)).toBeGreaterThan(0);
      const linked = evaluator.linkDeficit(target);
      expect(linked).toBeGreaterThanOrEqual(evaluator.deficit(target) * (1 - 1e-9));
      expect(evaluator.weakestLinked()).toBeGreaterThanOrEqual(flow - 1e-9 * (1 + flow));
      if (evaluator.weakestLinked() < evaluator.weakest() * (1 - 1e-6)) tighter += 1;
    }
  }
  expect(tighter).toBeGreaterThan(50);
});

test("the flow is the judge's as well when it starts from one kept some small changes ago", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const problem = randomProblem(seed, { nodes: [2, 20], layers: [2, 20], regions: 3 });
    const random = createRandom(seed);
    const evaluator = createLocalEvaluator(problem);
    evaluator.load(randomPlacement(problem, random));
    for (let change = 0; change < 30; change++) {
      const other = randomPlacement(problem, random);
      const node = random.int(other.length);
      evaluator.place(node, other[node]?.[0] ?? 0, other[node]?.[1] ?? 0);
      const carried = maxFlowOf(problem.cluster, evaluator.read(), problem.partialInference);
      expect(evaluator.flow(), `seed ${seed}`).toBeCloseTo(carried, 6);
      if (random.int(2) === 0) evaluator.keepFlow();
      const least = carried / 2;
      expect(evaluator.flow(least)).toBeGreaterThanOrEqual(least * (1 - 1e-9));
    }
  }
});

test("on a thick network with partial inference the weakest layer is the flow", () => {
  let thick = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const given = randomProblem(seed, { nodes: [2, 12], layers: [2, 12], thin: 0, missing: 0 });
    const problem = { ...given, partialInference: true };
    const evaluator = createLocalEvaluator(problem);
    if (!networkIsThick(evaluator.links, evaluator.mostTokens, Infinity)) continue;
    thick += 1;
    for (let round = 0; round < 5; round++) {
      evaluator.load(randomPlacement(problem, createRandom(100 * seed + round)));
      const carried = maxFlowOf(problem.cluster, evaluator.read(), true);
      expect(evaluator.weakest()).toBeCloseTo(carried, 6);
    }
  }
  expect(thick).toBeGreaterThan(10);
});

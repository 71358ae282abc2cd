import { expect, test } from "vitest";
import type { Placement } from "../../../src/core/placement.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { measureThroughput } from "../../../src/planner/problem/measure-throughput.js";
import { explainPlacement } from "../../../src/planner/result/explain.js";
import { clusterOf } from "../../serving/simulate/fixtures.js";

// Two nodes hold everything, two more the halves: what depth, chains and drained nodes allow differs.
const cluster = clusterOf({ layers: 4, nodes: 4 });
const placement: Placement = [
  [0, 4],
  [0, 4],
  [0, 2],
  [2, 4],
];

test("what a plan was made under holds for what explains it", () => {
  const free = explainPlacement(cluster, placement);
  const cases = [
    { ...UNCONSTRAINED, maxDepth: 1 },
    { ...UNCONSTRAINED, chainsOnly: true },
    { ...UNCONSTRAINED, drained: new Set([0, 3]) },
  ];
  for (const constraints of cases) {
    const open = placement.map((held, node) => (constraints.drained.has(node) ? null : held));
    const problem = { cluster, partialInference: true, constraints };
    const explained = explainPlacement(cluster, placement, true, constraints);
    expect(explained.throughput).toBeCloseTo(measureThroughput(problem, open), 6);
    for (const { gain } of explained.advice) expect(gain).toBeGreaterThanOrEqual(-1e-6);
  }
  const flat = explainPlacement(cluster, placement, true, cases[0]);
  expect(flat.throughput).toBeLessThan(free.throughput);
  expect(flat.nodes.map(({ flow }) => flow > 0)).toEqual([true, true, false, false]);
  const drained = explainPlacement(cluster, placement, true, cases[2]);
  expect(drained.nodes.map(({ flow }) => flow > 0)).toEqual([false, true, false, false]);
});

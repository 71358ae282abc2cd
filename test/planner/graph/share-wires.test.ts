import { beforeAll, expect, test } from "vitest";
import { createRandom } from "../../../src/core/random.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import type { Solver } from "../../../src/math/lp/solver.js";
import { evaluatePlacement } from "../../../src/planner/graph/evaluate-placement.js";
import { expectNear } from "../../support/expect-sound-plan.js";
import { solveMachineFlow } from "../../support/machine-flow-lp.js";
import { partAnyhow } from "../../support/part-anyhow.js";
import { randomParted } from "../../support/random-parted.js";
import { randomPlacement } from "../../support/random-problem.js";

let highs: Solver;
beforeAll(async () => {
  highs = await loadSolver("highs");
});

test("parts of a machine carry together what its NIC and links let through, as a linear program says", () => {
  let bound = 0;
  for (let seed = 0; seed < 250; seed++) {
    const random = createRandom(seed);
    const problem = partAnyhow(
      randomParted(seed, { nodes: [1, 4], layers: [2, 5], thin: 0.7 }),
      random,
    );
    const { cluster, partialInference } = problem;
    const placement = randomPlacement(problem, random);
    const found = evaluatePlacement(cluster, placement, { partialInference });
    const expected = solveMachineFlow(cluster, placement, partialInference, highs);
    expectNear(found.throughput, expected, 1e-6);
    const apart = {
      ...cluster,
      hosts: cluster.hosts!.map((host) => ({ ...host, nicBytesPerSecond: Infinity })),
    };
    const free = evaluatePlacement(apart, placement, { partialInference }).throughput;
    expect(free).toBeGreaterThanOrEqual(found.throughput * (1 - 1e-9));
    if (free > found.throughput * 1.001) bound += 1;
  }
  expect(bound).toBeGreaterThan(20);
});

import { beforeAll, expect, test } from "vitest";
import type { Cluster } from "../../../src/core/cluster.js";
import { partCluster } from "../../../src/core/parting.js";
import { checkPlacement } from "../../../src/check/check-placement.js";
import type { PlacementFile } from "../../../src/formats/placement-schema.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import type { Solver } from "../../../src/math/lp/solver.js";
import { boundParts } from "../../../src/planner/parts/bound-parts.js";
import { solveExactParts } from "../../../src/planner/parts/exact-parts.js";
import { listPartClasses } from "../../../src/planner/parts/part-groups.js";
import type { PlanningProblem } from "../../../src/planner/problem/problem.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { bruteForceOptimum, countPlacements } from "../../support/brute-force.js";
import { createInlinePorts } from "../../support/inline-ports.js";
import { listPartitions } from "../../support/list-partitions.js";
import { randomParted } from "../../support/random-parted.js";

let highs: Solver;
beforeAll(async () => {
  highs = await loadSolver("highs");
});

/** The best of all partitions and placements; undefined where there are too many. */
function bruteForce(problem: PlanningProblem): number | undefined {
  const parted = listPartitions(problem.cluster).map((partition) => ({
    ...problem,
    cluster: partCluster(problem.cluster, partition),
  }));
  if (parted.reduce((sum, each) => sum + countPlacements(each), 0) > 6000) return undefined;
  return Math.max(...parted.map((each) => bruteForceOptimum(each).throughput));
}

test(
  "bounds, exact model and plan agree with all partitions and placements",
  { timeout: 600_000 },
  async () => {
    let compared = 0;
    let exactly = 0;
    for (let seed = 0; compared < CASES && seed < 6 * CASES; seed++) {
      const problem = randomParted(seed, { nodes: [1, 3], layers: [2, 3], mostCards: 4 });
      const best = bruteForce(problem);
      if (best === undefined) continue;
      compared += 1;
      const { cluster, partialInference } = problem;
      const parts = listPartClasses(cluster, new Set());
      const bound = boundParts(parts, cluster.model.layers, highs, { shouldStop: () => false });
      expect(bound.value, `bound of ${seed}`).toBeGreaterThanOrEqual(best * (1 - 1e-9));
      const exact = solveExactParts(problem, bound.value, highs, () => false);
      if (exact !== undefined) {
        expect(exact.bound, `exact bound of ${seed}`).toBeGreaterThanOrEqual(best * (1 - 1e-9));
        if (!partialInference) {
          expect(exact.bound, `optimum of ${seed}`).toBeLessThanOrEqual(best * (1 + 1e-4) + 1e-2);
          exactly += 1;
        }
      }
      const options = { partialInference, iterationLimit: 8, threads: 0, gap: 1e-3 };
      const outcome = await plan(cluster, options, createInlinePorts());
      if (outcome.kind !== "planned") {
        expect(best, `plan of ${seed}`).toBe(0);
        continue;
      }
      const { file } = outcome;
      expect(checkPlacement(cluster, file)).toEqual([]);
      expect(countOverused(cluster, file), `cards of ${seed}`).toBe(0);
      expect(file.throughput, `plan of ${seed}`).toBeLessThanOrEqual(best * (1 + 1e-6));
      expect(file.upperBound, `bound of plan ${seed}`).toBeGreaterThanOrEqual(best * (1 - 1e-9));
      if (file.status === "optimal")
        expect(file.throughput, `gap of ${seed}`).toBeGreaterThanOrEqual(best * (1 - 2e-3));
    }
    expect(compared).toBe(CASES);
    expect(exactly).toBeGreaterThan(CASES / 10);
  },
);

/** Cards that are in two parts, or that their machine does not have, those that hold nothing included. */
function countOverused({ parting }: Cluster, { nodes }: PlacementFile): number {
  const left = new Map<string, number>();
  for (const box of parting?.boxes ?? [])
    if (box.kind === "host")
      for (let card = 0; card < box.host.cards; card++) left.set(`${box.host.id} ${card}`, 1);
  for (const { id, machine = id, cards = [] } of nodes)
    for (const card of cards)
      left.set(`${machine} ${card}`, (left.get(`${machine} ${card}`) ?? 0) - 1);
  return [...left.values()].filter((count) => count < 0).length;
}

/** More by hand: `PARTS_CASES=300 npx vitest run test/planner/parts`. */
const CASES = Number(process.env["PARTS_CASES"] ?? 25);

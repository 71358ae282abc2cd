import { beforeAll, describe, expect, it } from "vitest";
import type { Solver } from "../../../src/math/lp/solver.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { runStrategy } from "../../../src/planner/portfolio/run-strategy.js";
import { searchGroups } from "../../../src/planner/boxes/group-boxes.js";
import { loadHighsSolver } from "../../../src/math/solver/highs.js";
import {
  createDraw,
  drawTinyCluster,
  enumerateBest,
  makeBumpy,
} from "../../support/tiny-cluster.js";

const [FIRST, LAST] = (process.env["GROUP_SEEDS"] ?? "1-40").split("-").map(Number);
const MOST_BOXES = 20_000;

let solver: Solver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

describe("groups of nodes", () => {
  it.each([
    ["falling", drawTinyCluster],
    ["bumpy", (seed: number) => makeBumpy(drawTinyCluster(seed), seed)],
  ])("bound every placement, whatever the partition and however early: %s rates", (_, drawn) => {
    let tighter = 0;
    for (let seed = FIRST!; seed <= LAST!; seed++) {
      const cluster = drawn(seed);
      const best = enumerateBest(cluster);
      const draw = createDraw(seed + 104_729);
      const labels = cluster.nodes.map(() => draw(2));
      const partitions = [
        cluster.nodes.map((_, node) => [node]),
        [0, 1]
          .map((label) => [...cluster.nodes.keys()].filter((node) => labels[node] === label))
          .filter((group) => group.length > 0),
      ];
      for (const partition of partitions) {
        let first = Infinity;
        let last = Infinity;
        runStrategy(
          (problem, context) => {
            const search = searchGroups(problem, partition, context);
            for (let n = 0; n < MOST_BOXES && search.openBoxes() > 0; n++) {
              search.expand();
              last = Math.min(last, search.bound());
              context.offerBound(last, search.name);
              if (n === 2 * partition.length) first = last;
            }
          },
          { cluster, partialInference: true, constraints: UNCONSTRAINED },
          { solver, seed: 1, iterations: Infinity, isolated: false },
          // A promise to start from that is sure to hold.
          { stopped: () => false, incumbent: () => undefined, upperBound: () => 1e6 },
          { onPlacement: () => undefined, onBound: () => undefined },
        );
        expect(last, `seed ${seed}`).toBeGreaterThanOrEqual(best * (1 - 1e-9));
        if (last < 0.99 * first) tighter++;
      }
    }
    expect(tighter).toBeGreaterThan(0);
  });
});

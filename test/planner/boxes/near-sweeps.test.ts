import { beforeAll, describe, expect, it } from "vitest";
import type { Solver } from "../../../src/math/lp/solver.js";
import { loadHighsSolver } from "../../../src/math/solver/highs.js";
import { searchNearBound } from "../../../src/planner/boxes/near-sweeps.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { createRecordingContext } from "../../support/search-context.js";
import { drawTinyCluster, enumerateBest, makeBumpy } from "../../support/tiny-cluster.js";

const [FIRST, LAST] = (process.env["NEAR_SWEEP_SEEDS"] ?? "1-7").split("-").map(Number);

let solver: Solver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

describe("sweeps near the bound", () => {
  it.each([
    ["none known", () => Infinity],
    ["just above the best", (best: number) => best * 1.002],
    ["the best itself", (best: number) => best * (1 + 1e-9)],
  ])("bound every placement, and never rise: a bound of %s", (_, boundOf) => {
    let [lower, found] = [0, 0];
    for (let seed = FIRST!; seed <= LAST!; seed++) {
      for (const cluster of [drawTinyCluster(seed), makeBumpy(drawTinyCluster(seed), seed)]) {
        const best = enumerateBest(cluster);
        if (best === 0) continue;
        const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
        const context = createRecordingContext(problem, { solver, upperBound: boundOf(best) });
        const search = searchNearBound(problem, [...cluster.nodes.keys()], context);
        let before = search.bound();
        while (search.openBoxes() > 0) {
          search.expand();
          const bound = search.bound();
          expect(bound, `seed ${seed}`).toBeGreaterThanOrEqual(best * (1 - 1e-9));
          expect(bound, `seed ${seed}`).toBeLessThanOrEqual(before * (1 + 1e-9));
          if (bound < before) lower++;
          before = bound;
        }
        if ((context.incumbent()?.throughput ?? 0) >= best * (1 - 1e-9)) found++;
      }
    }
    expect(lower + found).toBeGreaterThan(LAST! - FIRST!);
  });
});

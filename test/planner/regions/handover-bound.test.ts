import { beforeAll, describe, expect, it } from "vitest";
import type { Cluster, Link } from "../../../src/core/cluster.js";
import type { Solver } from "../../../src/math/lp/solver.js";
import { loadHighsSolver } from "../../../src/math/solver/highs.js";
import { handoverBound } from "../../../src/planner/regions/handover-bound.js";
import { describeHandovers } from "../../../src/planner/regions/handover-model.js";
import {
  createDraw,
  drawTinyCluster,
  enumerateBest,
  makeBumpy,
} from "../../support/tiny-cluster.js";

const [FIRST, LAST] = (process.env["HANDOVER_SEEDS"] ?? "1-3").split("-").map(Number);

/** No link between nodes carries what most nodes compute. */
function withThinLinks(cluster: Cluster, seed: number): Cluster {
  const draw = createDraw(seed + 15_485_863);
  const { byRegion, exceptions } = cluster.network;
  const thin = (link: Link | undefined): Link | undefined =>
    link && { ...link, bandwidthBytesPerSecond: 10 * (10 + draw(60)) };
  const rows = [...exceptions].map(([from, row]) => {
    const cells = [...row].map(
      ([to, link]) => [to, from < 0 || to < 0 ? link : thin(link)] as const,
    );
    return [from, new Map(cells)] as const;
  });
  const network = { byRegion: byRegion.map((row) => row.map(thin)), exceptions: new Map(rows) };
  return { ...cluster, network: { ...cluster.network, ...network } };
}

let solver: Solver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

describe("the bound on what nodes hand over", () => {
  it.each([
    ["falling", (seed: number) => drawTinyCluster(seed)],
    ["bumpy", (seed: number) => makeBumpy(drawTinyCluster(seed), seed)],
  ])("holds for every placement, whatever the regions and however early: %s rates", (_, drawn) => {
    let refuted = 0;
    for (let seed = FIRST!; seed <= LAST!; seed++) {
      const cluster = withThinLinks(drawn(seed), seed);
      const draw = createDraw(seed + 77_003);
      for (const partial of [true, false]) {
        const best = enumerateBest(cluster, partial);
        if (best === 0) continue;
        const count = 1 + draw(3);
        const regionOf = Int32Array.from(cluster.nodes, () => draw(count));
        const model = describeHandovers(cluster, { count, regionOf }, new Set());
        for (const above of [1 + 1e-6, 1.2, 4]) {
          const upperBound = best * above;
          const setup = { feasible: 0, upperBound, maxTrials: 6, shouldStop: () => false };
          const bound = handoverBound(model, solver, setup);
          expect(bound, `seed ${seed}`).toBeGreaterThanOrEqual(best * (1 - 1e-9));
          if (bound < upperBound) refuted++;
        }
      }
    }
    expect(refuted).toBeGreaterThan(LAST! - FIRST!);
  });
});

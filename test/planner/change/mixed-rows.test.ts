import { expect, test } from "vitest";
import type { LayerInterval } from "../../../src/core/placement.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { buildCover, ROUNDING } from "../../../src/planner/change/cover-model.js";
import { followRegions } from "../../../src/planner/change/follow-regions.js";
import { countLoadBytes } from "../../../src/planner/change/load-bytes.js";
import { listRegionRows, MIXED } from "../../../src/planner/change/region-rows.js";
import { relaxWay, solveWay } from "../../../src/planner/change/region-ways.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { choicesOf, maxFlowOf } from "../../support/brute-force.js";
import { drawRegions } from "../../support/thin-regions.js";
import { createDraw } from "../../support/tiny-cluster.js";

/** MIXED_SEEDS=25-600: some minutes. */
const [FIRST, LAST] = (process.env["MIXED_SEEDS"] ?? "0-24").split("-").map(Number) as [
  number,
  number,
];
const highs = await loadSolver("highs");
const PLACEMENTS = 30;

test("no placement is lost by rows of layers that several regions compute, and without them ways are cheaper", () => {
  let [mixed, dearer] = [0, 0];
  for (let seed = FIRST; seed <= LAST; seed++) {
    const cluster = drawRegions(seed);
    const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
    const draw = createDraw(seed + 5);
    const drawPlacement = () =>
      cluster.nodes.map((_, node): LayerInterval | null => {
        const choices = choicesOf(problem, node);
        return choices[draw(choices.length)]!;
      });
    const load = countLoadBytes(cluster.model, drawPlacement());
    for (let at = 0; at < PLACEMENTS; at++) {
      const placement = drawPlacement();
      // Whatever it carries is asked for: links are as thin as they may be.
      const floor = maxFlowOf(cluster, placement, true);
      if (floor === 0) continue;
      const { model, columns, encode } = buildCover(problem, load, { floor });
      const { layers } = cluster.model;
      const layerOf = Array.from({ length: model.rowCount }, (_, row) =>
        row < layers ? row : undefined,
      );
      const rows = listRegionRows(cluster, { model, columns, floor, slack: ROUNDING, layerOf });
      if (rows === undefined) continue;
      const exact = followRegions(problem, placement).map((regions) => rows.setOf(regions));
      const way = exact.map((set) => ((set & (set - 1)) === 0 ? set : MIXED));
      if (!way.includes(MIXED) || way.every((set) => set === MIXED)) continue;
      mixed += 1;
      const kept = encode(placement)!;
      const pinned = { ...rows, cover: { ...model, columnLower: kept, columnUpper: kept } };
      const all = Int32Array.from(columns.keys());
      for (const own of [way, exact])
        expect(solveWay(pinned, own, all, highs, {})?.status).toBe("optimal");
      const boundBy = (own: typeof rows): number => {
        const relaxed = relaxWay(own, way, all, highs, {});
        return relaxed === undefined || relaxed === "open" ? Infinity : relaxed.bound;
      };
      if (boundBy(rows) > boundBy({ ...rows, ofMixed: () => [] }) + 1e-6) dearer += 1;
    }
  }
  if (process.env["MIXED_SEEDS"] !== undefined) console.log({ mixed, dearer });
  expect(mixed).toBeGreaterThan(100);
  expect(dearer).toBeGreaterThan(3);
});

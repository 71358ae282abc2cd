import { expect, test } from "vitest";
import type { LayerInterval } from "../../../src/core/placement.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { branchOnRegions } from "../../../src/planner/change/branch-regions.js";
import { buildCover, ROUNDING, type CoverModel } from "../../../src/planner/change/cover-model.js";
import { followRegions } from "../../../src/planner/change/follow-regions.js";
import { improveRegions } from "../../../src/planner/change/improve-regions.js";
import { mergeAlike } from "../../../src/planner/change/merge-alike.js";
import { listRegionRows, MIXED } from "../../../src/planner/change/region-rows.js";
import { relaxWay, solveWay } from "../../../src/planner/change/region-ways.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { countPlacements, maxFlowOf } from "../../support/brute-force.js";
import { drawHeld, drawTinyChange } from "../../support/tiny-change.js";
import { createDraw, drawTinyCluster } from "../../support/tiny-cluster.js";

/** REGION_SEEDS=0-2000: some minutes. */
const [FIRST, LAST] = (process.env["REGION_SEEDS"] ?? "0-119").split("-").map(Number) as [
  number,
  number,
];
const highs = await loadSolver("highs");
const FEW = 1500;

/** Clusters with thin links between regions, what nodes hold, and all that carries a floor. */
function* listCases() {
  for (let seed = FIRST; seed <= LAST; seed++) {
    const cluster = drawTinyCluster(seed);
    const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
    if (countPlacements(problem) > FEW) continue;
    const draw = createDraw(seed + 5);
    const change = drawTinyChange(
      problem,
      drawHeld(problem, draw),
      [1, 0.9, 0.6][seed % 3]!,
      (placement) => maxFlowOf(cluster, placement, true),
    );
    if (change === undefined) continue;
    const { load, floor, carrying, fewest } = change;
    const cover = buildCover(problem, load, { floor });
    const { model, columns } = cover;
    const { layers } = cluster.model;
    const rowsOf = (own: Pick<CoverModel, "model" | "columns">) =>
      listRegionRows(cluster, {
        ...own,
        floor,
        slack: ROUNDING,
        layerOf: Array.from({ length: own.model.rowCount }, (_, row) =>
          row < layers ? row : undefined,
        ),
      });
    const rows = rowsOf({ model, columns });
    // Half of the cases branch over columns that alike nodes share.
    const shared = seed % 2 === 0 ? mergeAlike(cover, layers) : undefined;
    const branched = shared === undefined ? rows : rowsOf(shared);
    if (rows === undefined || branched === undefined) continue;
    yield { seed, problem, load, floor, carrying, fewest, cover, rows, shared, branched };
  }
}

test("no placement that carries the floor is lost, and branching on the regions that compute proves no more than the fewest bytes", () => {
  let [thin, higher, closed, told] = [0, 0, 0, 0];
  for (const each of listCases()) {
    const { seed, problem, load, floor, carrying, fewest, cover, rows, shared, branched } = each;
    thin += 1;
    const all = Int32Array.from(cover.columns.keys());
    for (const placement of carrying.slice(0, 5)) {
      const kept = cover.encode(placement)!;
      const pinned = { ...rows.cover, columnLower: kept, columnUpper: kept };
      const way = followRegions(problem, placement).map((regions) => rows.setOf(regions));
      const mixed = way.map((set) => ((set & (set - 1)) === 0 ? set : MIXED));
      for (const each of [way, mixed])
        expect(solveWay({ ...rows, cover: pinned }, each, all, highs, {})?.status).toBe("optimal");
    }
    const relaxed = highs.solve(branched.cover, { relax: true });
    let bound = relaxed.bound;
    const within = Int32Array.from(relaxed.reducedCosts!.keys());
    branchOnRegions(highs, {
      rows: branched,
      relaxed: { bound, columns: within, reducedCosts: relaxed.reducedCosts! },
      effort: { nodeLimit: 5 },
      // Few enough that columns are ruled out and branches split to the end.
      core: [1000, 0, 2, 4][(seed >> 2) % 4]!,
      mostNodes: 150,
      known: () => ([1, 1.05, 1.3, 2][seed % 4]! * fewest + 1e-3) / load.largestLayer,
      shouldStop: () => false,
      onBound: (more) => (bound = more),
      onFound: (values) => {
        const found = cover.decode(shared?.spread(values) ?? values);
        if (maxFlowOf(problem.cluster, found, true) < floor) return;
        expect(load.total(found)).toBeGreaterThanOrEqual(fewest);
        told += 1;
      },
    });
    expect(bound * load.largestLayer).toBeLessThanOrEqual(fewest + 2e-3);
    if (bound > relaxed.bound + 1e-6) higher += 1;
    if (bound * load.largestLayer > 0.999 * fewest - 1e-3) closed += 1;
  }
  expect(thin).toBeGreaterThan(20);
  expect(higher).toBeGreaterThan(5);
  expect(closed).toBeGreaterThan(10);
  expect(told).toBeGreaterThan(5);
});

test("a way that some region is left at costs no more than any that goes on elsewhere, and what one row refutes asks no solver", () => {
  let [left, dearer] = [0, 0];
  const solve = (): never => expect.unreachable();
  for (const { problem, carrying, cover, rows } of listCases()) {
    const all = Int32Array.from(cover.columns.keys());
    for (const placement of carrying.slice(0, 3)) {
      const kept = cover.encode(placement)!;
      const pinned = { ...rows, cover: { ...rows.cover, columnLower: kept, columnUpper: kept } };
      const way = followRegions(problem, placement)
        .map((regions) => rows.setOf(regions))
        .map((set) => ((set & (set - 1)) === 0 ? set : MIXED));
      for (let border = 1; border < way.length; border++) {
        if (way[border] === way[border - 1] || way[border - 1] === MIXED) continue;
        const first = way.slice(0, border);
        expect(relaxWay(pinned, first, all, highs, { leaves: true })).toBeDefined();
        const bounds = [true, false].map((leaves) => relaxWay(rows, first, all, highs, { leaves }));
        const [leaving, open] = bounds.map((own) => (typeof own === "object" ? own.bound : NaN));
        expect(leaving).toBeGreaterThanOrEqual(open! - 1e-6);
        left += 1;
        if (leaving! > open! + 1e-6) dearer += 1;
        const region = way[border - 1]!;
        const goesOn = ({ interval: [, end] }: { readonly interval: LayerInterval }) =>
          end !== border;
        const others = all.filter((at) => rows.bits[at] !== region || goesOn(cover.columns[at]!));
        const none = { ...highs, solve };
        expect(relaxWay(rows, first, others, none, { leaves: true })).toBeUndefined();
      }
    }
  }
  if (process.env["REGION_SEEDS"] !== undefined) console.log({ left, dearer });
  expect(left).toBeGreaterThan(10);
  expect(dearer).toBeGreaterThan(1);
});

test("ways through the regions lead to fewer bytes, and what is told carries the floor", () => {
  let [better, least] = [0, 0];
  for (const { problem, load, floor, carrying, fewest } of listCases()) {
    const dearest = carrying.reduce((most, each) =>
      load.total(each) > load.total(most) ? each : most,
    );
    if (load.total(dearest) === fewest) continue;
    let told = dearest;
    const found = improveRegions(problem, load, dearest, {
      floor,
      solver: highs,
      hints: [load.held],
      seconds: Infinity,
      now: () => 0,
      shouldStop: () => false,
      carries: (placement) => maxFlowOf(problem.cluster, placement, true) >= floor,
      onBetter: (placement) => (told = placement),
    });
    expect(found).toEqual(told);
    expect(maxFlowOf(problem.cluster, told, true)).toBeGreaterThanOrEqual(floor);
    if (load.total(told) < load.total(dearest)) better += 1;
    if (load.total(told) === fewest) least += 1;
  }
  expect(better).toBeGreaterThan(10);
  expect(least).toBeGreaterThan(5);
});

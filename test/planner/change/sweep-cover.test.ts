import { expect, test } from "vitest";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { lagrangianBound } from "../../../src/math/lp/dual-bound.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { tightenCover } from "../../../src/planner/change/cover-cuts.js";
import { buildCover } from "../../../src/planner/change/cover-model.js";
import { mergeAlike } from "../../../src/planner/change/merge-alike.js";
import { countLoadBytes } from "../../../src/planner/change/load-bytes.js";
import { mayTrim, sweepCover } from "../../../src/planner/change/sweep-cover.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { choicesOf } from "../../support/brute-force.js";
import { createDraw, drawTinyCluster } from "../../support/tiny-cluster.js";

/** SWEEP_SEEDS=0-3000: some minutes. */
const [FIRST, LAST] = (process.env["SWEEP_SEEDS"] ?? "0-99").split("-").map(Number) as [
  number,
  number,
];
const highs = await loadSolver("highs");

/** A tiny cluster, what its nodes hold, and the cover of a floor next to the best that branch and bound finds. */
function drawCover(seed: number) {
  const cluster = drawTinyCluster(seed);
  const draw = createDraw(seed + 11);
  const pins = new Map<number, LayerInterval>();
  const problem = { cluster, partialInference: true, constraints: { ...UNCONSTRAINED, pins } };
  const held = cluster.nodes.map((_, node): LayerInterval | null => {
    const choices = choicesOf(problem, node);
    return choices[draw(choices.length)]!;
  });
  const pinned = choicesOf(problem, 0).at(-1);
  if (seed % 5 === 0 && pinned !== undefined && pinned !== null) pins.set(0, pinned);
  const load = countLoadBytes(cluster.model, held);
  const rates = cluster.machines.flatMap(({ capacity }) => capacity.tokensPerSecond);
  const floor = Math.max(1, ...rates) * [0.2, 0.5, 0.9, 1.4][draw(4)]!;
  const cover = buildCover(problem, load, { floor });
  return { problem, load, floor, cover };
}

test("no sweep proves more than the cheapest whole cover, and each cover told is one", () => {
  let [solved, closed, trimmed, found, limited] = [0, 0, 0, 0, 0];
  for (let seed = FIRST; seed <= LAST; seed++) {
    const { load, cover } = drawCover(seed);
    const best = highs.solve(cover.model);
    if (best.status !== "optimal") continue;
    solved += 1;
    const plain = highs.solve(cover.model, { relax: true });
    const layers = load.held.length === 0 ? 0 : cover.columns.at(-1)!.interval[1];
    const merged = mergeAlike(cover, layers);
    const small = highs.solve(merged.model, { relax: true });
    const tight = merged.expand(
      tightenCover(merged.model, small, layers, highs, { toTheEnd: true }),
    );
    // Without the rows of covers, with them, and at prices that are no solver's: a bound is right at any.
    const off = plain.rowDuals!.map((dual, row) => dual * (1 + ((seed + row) % 3)));
    const cases = [
      { model: cover.model, cut: [], duals: plain.rowDuals! },
      { model: tight.model, cut: tight.cut, duals: tight.relaxed.rowDuals! },
      { model: cover.model, cut: [], duals: off },
    ];
    for (const [at, { model, cut, duals }] of cases.entries()) {
      const few = (seed + at) % 4 === 0;
      let bound = -Infinity;
      let told: Placement | undefined;
      let least = Infinity;
      sweepCover(highs, {
        cover,
        model,
        duals,
        layers,
        layerOf: [
          ...Array.from({ length: cover.model.rowCount }, (_, row) =>
            row < layers ? row : undefined,
          ),
          ...cut,
        ],
        trims: mayTrim(cover) && seed % 2 === 0,
        known: () => Math.min(least, best.objective! * 1.5 + 1),
        mostStates: few ? 5 : 2e4,
        mostLabels: few ? 20 : 2e4,
        shouldStop: () => false,
        onBound: (layersProven) => (bound = Math.max(bound, layersProven)),
        onFound: (placement) => {
          told = placement;
          least = Math.min(least, load.total(placement) / load.largestLayer);
        },
      });
      expect(bound).toBeLessThanOrEqual(best.objective! + 1e-6);
      if (mayTrim(cover)) trimmed += 1;
      if (bound > best.objective! - 1e-4) closed += 1;
      if (few && bound < best.objective! - 1e-4) limited += 1;
      if (told === undefined) continue;
      found += 1;
      const values = cover.encode(told)!;
      for (let row = 0; row < layers; row++) {
        let sum = 0;
        for (let k = cover.model.rowStart[row]!; k < cover.model.rowStart[row + 1]!; k++)
          sum += cover.model.value[k]! * values[cover.model.columnIndex[k]!]!;
        expect(sum).toBeGreaterThanOrEqual(cover.model.rowLower[row]! - 1e-6);
      }
      expect(least).toBeGreaterThanOrEqual(best.objective! - 1e-6);
    }
  }
  if (process.env["SWEEP_SEEDS"] !== undefined)
    console.log({ solved, closed, trimmed, found, limited });
  expect(solved).toBeGreaterThan(30);
  expect(closed).toBeGreaterThan(1.8 * solved);
  expect(found).toBeGreaterThan(solved);
});

test("nodes of a kind in one column: the same relaxation, and its rows and prices are right for the cover's own columns", () => {
  let [fewer, tightened] = [0, 0];
  for (let seed = FIRST; seed <= LAST; seed++) {
    const { cover } = drawCover(seed);
    const best = highs.solve(cover.model);
    if (best.status !== "optimal" || cover.columns.length === 0) continue;
    const layers = cover.columns.at(-1)!.interval[1];
    const merged = mergeAlike(cover, layers);
    if (merged.model.columnCount < cover.columns.length) fewer += 1;
    const plain = highs.solve(cover.model, { relax: true });
    const small = highs.solve(merged.model, { relax: true });
    expect(small.bound).toBeCloseTo(plain.bound, 5);
    // Whole nodes in shared columns cost what the best cover does, and each finds a class with room for it.
    const shared = highs.solve(merged.model);
    expect(shared.objective).toBeCloseTo(best.objective!, 5);
    const spread = merged.spread(shared.columns!);
    const costs = spread.reduce((sum, nodes, column) => sum + nodes * cover.model.cost[column]!, 0);
    expect(costs).toBeCloseTo(best.objective!, 5);
    expect(highs.solve({ ...cover.model, columnLower: spread, columnUpper: spread }).status).toBe(
      "optimal",
    );
    const { model, relaxed, cut } = merged.expand(
      tightenCover(merged.model, small, layers, highs, { toTheEnd: true }),
    );
    expect(model.rowCount).toBe(cover.model.rowCount + cut.length);
    expect(lagrangianBound(model, relaxed.rowDuals!)).toBeCloseTo(relaxed.bound, 5);
    if (cut.length === 0) continue;
    tightened += 1;
    // No whole cover is lost, and the relaxation is what the prices say.
    expect(highs.solve(model).objective).toBeCloseTo(best.objective!, 5);
    expect(highs.solve(model, { relax: true }).bound).toBeCloseTo(relaxed.bound, 5);
  }
  if (process.env["SWEEP_SEEDS"] !== undefined) console.log({ fewer, tightened });
  expect(fewer).toBeGreaterThan(10);
  expect(tightened).toBeGreaterThan(4);
});

import { expect, test } from "vitest";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { buildCover } from "../../../src/planner/change/cover-model.js";
import { listFrontSpace } from "../../../src/planner/change/front-space.js";
import { sweepFronts } from "../../../src/planner/change/front-sweep.js";
import { roundUp } from "../../../src/planner/change/grow-core.js";
import { countLoadBytes } from "../../../src/planner/change/load-bytes.js";
import { mergeAlike } from "../../../src/planner/change/merge-alike.js";
import { proveFronts } from "../../../src/planner/change/prove-fronts.js";
import { mayTrim } from "../../../src/planner/change/sweep-cover.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { choicesOf, countPlacements, maxFlowOf } from "../../support/brute-force.js";
import { drawRegions } from "../../support/thin-regions.js";
import { drawHeld, drawTinyChange } from "../../support/tiny-change.js";
import { createDraw, drawTinyCluster } from "../../support/tiny-cluster.js";

/** FRONT_SEEDS=0-3000: some minutes. */
const [FIRST, LAST] = (process.env["FRONT_SEEDS"] ?? "0-89").split("-").map(Number) as [
  number,
  number,
];
const highs = await loadSolver("highs");
const FEW = 1500;
const PLACEMENTS = 40;
const MOVES = 200;

/** Clusters of several regions, what nodes hold, and the fewest bytes by which a floor is carried. */
function* listCases() {
  for (let seed = FIRST; seed <= LAST; seed++) {
    const cluster = drawTinyCluster(seed);
    const partialInference = seed % 3 > 0;
    const problem = { cluster, partialInference, constraints: UNCONSTRAINED };
    if (countPlacements(problem) > FEW) continue;
    const draw = createDraw(seed + 5);
    const change = drawTinyChange(
      problem,
      drawHeld(problem, draw),
      [1, 0.9, 0.6][seed % 3]!,
      (placement) => maxFlowOf(cluster, placement, partialInference),
    );
    if (change === undefined) continue;
    const { load, floor, fewest } = change;
    const cover = buildCover(problem, load, { floor });
    const merged = mergeAlike(cover, cluster.model.layers);
    const space = listFrontSpace(cluster, floor, merged);
    if (fewest === 0 || space === undefined || !mayTrim(cover)) continue;
    const relaxed = highs.solve(merged.model, { relax: true }).bound;
    yield { seed, problem, load, floor, fewest, cover, merged, space, relaxed };
  }
}

test("no cover by whole nodes that links can serve is lost, and few that they cannot are left", () => {
  let [cases, closed, higher, cut] = [0, 0, 0, 0];
  for (const { seed, problem, load, floor, fewest, cover, merged, space, relaxed } of listCases()) {
    cases += 1;
    const least = fewest / load.largestLayer;
    const limits = { mostWays: Infinity, shouldStop: () => false };
    for (const limit of [1.001 * least, 2 * least + 1]) {
      const { proven, whole, covers } = sweepFronts(space, highs, { ...limits, limit });
      expect(whole).toBe(true);
      expect(proven, `seed ${seed}`).toBeLessThanOrEqual(least * (1 + 1e-6) + 1e-6);
      expect(covers.length).toBeGreaterThan(0);
      for (const values of covers) {
        const found = cover.decode(merged.spread(values));
        if (maxFlowOf(problem.cluster, found, problem.partialInference) < floor) continue;
        expect(load.total(found)).toBeGreaterThanOrEqual(fewest * (1 - 1e-9));
      }
      if (limit > 1.5 * least) continue;
      if (proven > least * (1 - 1e-6) - 1e-6) closed += 1;
      if (proven > relaxed + 1e-6) higher += 1;
    }
    for (const mostWays of [1, 4]) {
      const { proven, whole } = sweepFronts(space, highs, { ...limits, limit: 9e9, mostWays });
      expect(proven, `seed ${seed}`).toBeLessThanOrEqual(least * (1 + 1e-6) + 1e-6);
      if (!whole && proven > relaxed - 1e-6) cut += 1;
    }
  }
  if (process.env["FRONT_SEEDS"] !== undefined) console.log({ cases, closed, higher, cut });
  expect(cases).toBeGreaterThan(20);
  expect(closed).toBeGreaterThan(0.5 * cases);
  expect(higher).toBeGreaterThan(5);
  expect(cut).toBeGreaterThan(10);
});

test("limits rise to what is known, and end below a cover that links are too thin for", () => {
  let [cases, met] = [0, 0];
  for (const { problem, load, floor, fewest, cover, merged, relaxed } of listCases()) {
    cases += 1;
    const least = fewest / load.largestLayer;
    let [known, bound] = [1.5 * least, relaxed];
    const proven = proveFronts(problem.cluster, load, highs, {
      floor,
      cover,
      merged,
      proven: relaxed,
      known: () => known,
      mostWays: Infinity,
      shouldStop: () => bound >= known * (1 - 2e-6),
      onBound: (more) => {
        expect(more).toBeGreaterThan(bound);
        bound = more;
      },
      onFound: (values) => {
        const found = cover.decode(merged.spread(values));
        const flow = maxFlowOf(problem.cluster, found, problem.partialInference);
        if (flow >= floor) known = Math.min(known, load.total(found) / load.largestLayer);
      },
    });
    expect(proven).toBeLessThanOrEqual(least * (1 + 1e-6) + 1e-6);
    expect(proven).toBe(bound);
    if (
      known < least * (1 + 1e-6) &&
      roundUp(proven * load.largestLayer, load) > fewest * (1 - 3e-6)
    )
      met += 1;
  }
  expect(met).toBeGreaterThan(0.2 * cases);
});

test("what a placement of more nodes carries is never said to cost more than it does", () => {
  let [cases, close] = [0, 0];
  for (let seed = FIRST; seed <= LAST; seed += 2) {
    const cluster = drawRegions(seed, seed % 3);
    const problem = { cluster, partialInference: seed % 5 > 0, constraints: UNCONSTRAINED };
    const draw = createDraw(seed + 9);
    const drawOne = (node: number): LayerInterval | null => {
      const choices = choicesOf(problem, node);
      return choices[draw(choices.length)]!;
    };
    const flowOf = (own: Placement): number => maxFlowOf(cluster, own, problem.partialInference);
    // The one of many that carries most, and all of what it carries: few others do.
    const drawn = Array.from({ length: PLACEMENTS }, () =>
      cluster.nodes.map((_, at) => drawOne(at)),
    );
    const first = drawn.reduce((best, own) => (flowOf(own) > flowOf(best) ? own : best));
    const floor = flowOf(first);
    if (floor === 0) continue;
    const held = first.map((own, node) => (draw(2) > 0 ? own : drawOne(node)));
    const load = countLoadBytes(cluster.model, held);
    // One after another takes what loads less and still carries it.
    let placement: Placement = first;
    for (let move = 0; move < MOVES; move++) {
      const moved = draw(cluster.nodes.length);
      const next = placement.map((own, node) => (node === moved ? drawOne(node) : own));
      if (load.total(next) <= load.total(placement) && flowOf(next) >= floor) placement = next;
    }
    const cost = load.total(placement) / load.largestLayer;
    if (cost === 0) continue;
    const limit = 1.001 * cost + 0.01;
    const cover = buildCover(problem, load, { floor, mostCost: limit });
    const space = listFrontSpace(cluster, floor, mergeAlike(cover, cluster.model.layers))!;
    const options = { limit, mostWays: 300, shouldStop: () => false };
    const { proven } = sweepFronts(space, highs, options);
    cases += 1;
    expect(proven, `seed ${seed}`).toBeLessThanOrEqual(cost + 1e-6);
    if (proven > cost - 1e-6) close += 1;
  }
  if (process.env["FRONT_SEEDS"] !== undefined) console.log({ cases, close });
  expect(cases).toBeGreaterThan(20);
  expect(close).toBeGreaterThan(3);
});

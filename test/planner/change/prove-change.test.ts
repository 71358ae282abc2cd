import { expect, test } from "vitest";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import type { Solver } from "../../../src/math/lp/solver.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { countLoadBytes } from "../../../src/planner/change/load-bytes.js";
import { proveChange } from "../../../src/planner/change/prove-change.js";
import { measureThroughput } from "../../../src/planner/problem/measure-throughput.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { choicesOf } from "../../support/brute-force.js";
import { createDraw, drawTinyCluster } from "../../support/tiny-cluster.js";

const highs = await loadSolver("highs");

/** A proof of a change that is known and carries something, of layers whose bytes come in no steps. */
function drawProof(seed: number) {
  const draw = createDraw(seed + 3);
  const drawn = drawTinyCluster(seed);
  const cluster = { ...drawn, model: { ...drawn.model, layerBytes: 7.3 } };
  const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
  const any = (): Placement =>
    cluster.nodes.map((_, node): LayerInterval | null => {
      const choices = choicesOf(problem, node);
      return choices[draw(choices.length)]!;
    });
  const load = countLoadBytes(cluster.model, any());
  const tried = Array.from({ length: 30 }, any);
  const flowOf = (placement: Placement): number => measureThroughput(problem, placement);
  const floor = Math.max(...tried.map(flowOf));
  const known = tried.reduce((least, each) => {
    const better = flowOf(each) >= floor && load.total(each) < load.total(least);
    return better || flowOf(least) < floor ? each : least;
  });
  return { problem, load, floor, known, flowOf };
}

test("a proof ends where its bound is as near as rounding lets it come", () => {
  let closed = 0;
  for (let seed = 0; seed < 120; seed++) {
    const { problem, load, floor, known, flowOf } = drawProof(seed);
    if (floor === 0) continue;
    let [bound, least, solvedSince] = [0, known, 0];
    const isClosed = (): boolean => bound > (1 - 1.5e-6) * load.total(least);
    const counted: Solver = {
      ...highs,
      solve: (model, options) => {
        if (isClosed()) solvedSince += 1;
        return highs.solve(model, options);
      },
    };
    proveChange(problem, load, counted, {
      floor,
      known: () => least,
      seconds: Infinity,
      nodeLimit: 100,
      mostCore: 1500,
      mostCrossings: 40,
      now: () => 0,
      shouldStop: () => false,
      carries: (placement) => flowOf(placement) >= floor,
      onBound: (proven) => (bound = proven.bound),
      onBetter: (placement) => (least = placement),
    });
    expect(bound).toBeLessThanOrEqual(load.total(least));
    if (load.total(known) > 0 && isClosed()) closed += 1;
    expect(solvedSince).toBe(0);
  }
  expect(closed).toBeGreaterThan(5);
});

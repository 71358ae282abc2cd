import { expect, test } from "vitest";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { branchOnCrossings } from "../../../src/planner/change/branch-crossings.js";
import { buildCover } from "../../../src/planner/change/cover-model.js";
import { countLoadBytes } from "../../../src/planner/change/load-bytes.js";
import { UNCONSTRAINED, type PlanningProblem } from "../../../src/planner/problem/problem.js";
import { choicesOf, countPlacements, maxFlowOf } from "../../support/brute-force.js";
import { createDraw, drawTinyCluster } from "../../support/tiny-cluster.js";

const highs = await loadSolver("highs");
const FEW = 1500;

function listPlacements(problem: PlanningProblem): readonly Placement[] {
  return problem.cluster.nodes.reduce<readonly (readonly (LayerInterval | null)[])[]>(
    (all, _, node) => all.flatMap((some) => choicesOf(problem, node).map((own) => [...some, own])),
    [[]],
  );
}

test("no placement that carries the floor is lost, and branching on where tokens cross proves no more than the fewest bytes", () => {
  let [thin, higher] = [0, 0];
  for (let seed = 0; seed < 120; seed++) {
    const cluster = drawTinyCluster(seed);
    const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
    if (countPlacements(problem) > FEW) continue;
    const draw = createDraw(seed + 5);
    const held = cluster.nodes.map((_, node): LayerInterval | null => {
      const choices = choicesOf(problem, node);
      return choices[draw(choices.length)]!;
    });
    const load = countLoadBytes(cluster.model, held);
    const flows = listPlacements(problem).map((placement) => ({
      placement,
      flow: maxFlowOf(cluster, placement, true),
    }));
    const floor = [1, 0.9, 0.6][seed % 3]! * Math.max(...flows.map(({ flow }) => flow));
    if (floor === 0) continue;
    const carrying = flows.filter(({ flow }) => flow >= floor).map(({ placement }) => placement);
    const fewest = Math.min(...carrying.map((placement) => load.total(placement)));
    const cover = buildCover(problem, load, { floor, links: true });
    if (cover.crossings.length === 0) continue;
    thin += 1;
    const { model, columns } = cover;
    for (const placement of carrying.slice(0, 5)) {
      const kept = cover.encode(placement)!;
      const fix = (bounds: Float64Array) => bounds.map((bound, at) => kept[at] ?? bound);
      const columnLower = fix(model.columnLower);
      const columnUpper = model.columnUpper.map((bound, at) => (at < columns ? kept[at]! : bound));
      expect(highs.solve({ ...model, columnLower, columnUpper }).status).toBe("optimal");
    }
    const relaxed = highs.solve(model, { relax: true }).bound;
    let bound = relaxed;
    branchOnCrossings(highs, {
      model,
      tightened: model,
      crossings: cover.crossings,
      columns,
      relaxed,
      effort: { nodeLimit: 5 },
      // Few enough that columns are ruled out and branches split to the end.
      core: [1000, 1, 2, 4][(seed >> 2) % 4]!,
      mostNodes: 60,
      known: () => ([1, 1.05, 1.3, 2][seed % 4]! * fewest + 1e-3) / load.largestLayer,
      shouldStop: () => false,
      onBound: (more) => (bound = more),
      onFound: () => undefined,
    });
    expect(bound * load.largestLayer).toBeLessThanOrEqual(fewest + 1e-3);
    if (bound > relaxed + 1e-6) higher += 1;
  }
  expect(thin).toBeGreaterThan(20);
  expect(higher).toBeGreaterThan(5);
});

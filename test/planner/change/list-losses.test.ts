import { expect, test } from "vitest";
import type { LayerInterval } from "../../../src/core/placement.js";
import { listLosses } from "../../../src/planner/change/list-losses.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { buildPlacementNetwork } from "../../../src/planner/graph/placement-network.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { choicesOf } from "../../support/brute-force.js";
import { solveFlowLp } from "../../support/flow-lp.js";
import { createDraw, drawTinyCluster } from "../../support/tiny-cluster.js";

test.each(Array.from({ length: 40 }, (_, seed) => seed))("losses of cluster %i", async (seed) => {
  const solver = await loadSolver("highs");
  const draw = createDraw(seed);
  const cluster = drawTinyCluster(seed);
  const problem = { cluster, partialInference: draw(2) === 0, constraints: UNCONSTRAINED };
  const placement = cluster.nodes.map((_, node): LayerInterval | null => {
    const choices = choicesOf(problem, node);
    return choices[draw(choices.length)]!;
  });
  const losses = listLosses(problem, placement);
  for (const { kind, name, throughput, nodes } of losses) {
    const left = placement.map((interval, node) => {
      const { id, region } = cluster.nodes[node]!;
      return (kind === "node" ? id : cluster.regions[region]) === name ? null : interval;
    });
    const held = (of: typeof placement): number => of.filter((each) => each !== null).length;
    expect(nodes).toBe(held(placement) - held(left));
    expect(throughput).toBeCloseTo(
      solveFlowLp(buildPlacementNetwork(cluster, left, problem).network, solver),
      4,
    );
  }
  const ofNodes = losses.filter(({ kind }) => kind === "node");
  expect(ofNodes.length).toBe(placement.filter((each) => each !== null).length);
});

import { expect, test } from "vitest";
import { COORDINATOR, linkBetween, regionOf } from "../../../src/core/cluster.js";
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
  for (const { kind, name, throughput, nodes, cluster: after } of losses) {
    const left = placement.map((interval, node) => {
      const { id, region } = cluster.nodes[node]!;
      return (kind === "node" ? id : cluster.regions[region]) === name ? null : interval;
    });
    const held = (of: typeof placement): number => of.filter((each) => each !== null).length;
    expect(nodes).toBe(held(placement) - held(left));
    expect(throughput).toBeCloseTo(
      solveFlowLp(buildPlacementNetwork(after, left, problem).network, solver),
      4,
    );
  }
  for (const { kind, name, cluster: after } of losses.filter((loss) => loss.kind === "links")) {
    expect(kind).toBe("links");
    const ends = name.startsWith("within ") ? [name.slice(7), name.slice(7)] : name.split(" ↔ ");
    for (let from = COORDINATOR; from < cluster.nodes.length; from++)
      for (let to = COORDINATOR; to < cluster.nodes.length; to++) {
        const regions = [from, to].map((node) => cluster.regions[regionOf(cluster, node)]);
        const cut = regions.join() === ends.join() || regions.toReversed().join() === ends.join();
        const link = cut ? undefined : linkBetween(cluster, from, to);
        expect(linkBetween(after, from, to)).toEqual(link);
      }
  }
  const ofNodes = losses.filter(({ kind }) => kind === "node");
  expect(ofNodes.length).toBe(placement.filter((each) => each !== null).length);
});

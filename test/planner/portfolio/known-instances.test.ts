import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import type { Cluster } from "../../../src/core/cluster.js";
import { blockStrategy } from "../../../src/planner/coverings/block-strategy.js";
import { computeBoundStrategy } from "../../../src/planner/coverings/bound-strategy.js";
import { UNCONSTRAINED, type PlanningProblem } from "../../../src/planner/problem/problem.js";
import { sampleLarge } from "../../../src/planner/views/sample-nodes.js";
import { stageStrategy } from "../../../src/planner/coverings/stage-strategy.js";
import type { Strategy } from "../../../src/planner/problem/strategy.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { createRecordingContext, type RecordingContext } from "../../support/search-context.js";

const solver = await loadSolver("highs");

function open(name: string): Cluster {
  const path = `clusters/${name}.json`;
  return loadCluster(path, readFileSync(path, "utf8")).cluster;
}

function run(strategy: Strategy, cluster: Cluster, iterations = Infinity): RecordingContext {
  const problem: PlanningProblem = {
    cluster,
    partialInference: true,
    constraints: UNCONSTRAINED,
  };
  const context = createRecordingContext(problem, { solver, iterations });
  strategy(problem, context);
  return context;
}

const best = (context: RecordingContext): number => context.incumbent()?.throughput ?? 0;

// T(k) of these machines: public Helix artifact. Published placements (Gurobi): 1289.6 and 4892.2.
test("24 nodes, 70B: the stage model reaches the bound", () => {
  const cluster = open("paper-24");
  expect(best(run(stageStrategy("whole"), cluster))).toBeCloseTo(2045.641, 2);
  expect(run(computeBoundStrategy, cluster).upperBound()).toBeLessThan(2045.641 * (1 + 1e-4));
});

test("42 nodes, 70B: pieces beat whole stages and stay below the LP's bound", () => {
  const cluster = open("paper-42");
  const whole = best(run(stageStrategy("whole"), cluster, 12));
  const pieces = best(run(stageStrategy("pieces"), cluster, 12));
  expect(whole).toBeGreaterThanOrEqual(5870);
  expect(pieces).toBeGreaterThanOrEqual(5960);
  const bound = run(computeBoundStrategy, cluster).upperBound();
  expect(pieces).toBeGreaterThan(whole);
  expect(bound).toBeGreaterThan(pieces);
  expect(bound).toBeLessThan(6053.2);
});

test("42 nodes, 70B: block enumeration closes the gap", () => {
  const context = run(blockStrategy, open("paper-42"));
  expect(best(context)).toBeGreaterThan(6050.7);
  expect(context.upperBound()).toBeLessThan(best(context) * (1 + 1e-5));
});

test("a sample of a large cluster, replicated, serves nearly as much as the bound allows", () => {
  const cluster = open("paper-42");
  const nodes = cluster.nodes.flatMap((node) =>
    Array.from({ length: 40 }, (_, copy) => ({ ...node, id: `${node.id}-${copy}` })),
  );
  const large = { ...cluster, nodes };
  let carried = 0;
  const problem = { cluster: large, partialInference: true, constraints: UNCONSTRAINED };
  const context = createRecordingContext(problem, { solver, iterations: 100 });
  // What every layer's nodes can carry: the max flow where the network does not bind.
  const offer: RecordingContext["offer"] = (placement) => {
    const rates = new Float64Array(cluster.model.layers);
    placement.forEach((interval, node) => {
      if (interval === null) return;
      const { tokensPerSecond } = cluster.machines[nodes[node]!.machine]!.capacity;
      for (let layer = interval[0]; layer < interval[1]; layer++)
        rates[layer]! += tokensPerSecond[interval[1] - interval[0] - 1]!;
    });
    carried = Math.max(carried, Math.min(...rates));
    return carried;
  };
  stageStrategy("pieces")(problem, { ...context, offer });
  const bound = run(computeBoundStrategy, large).upperBound();
  expect(carried).toBeGreaterThan(0.97 * bound);
  expect(carried).toBeLessThanOrEqual(bound);
  let seen = 0;
  sampleLarge((reduced) => {
    seen = reduced.cluster.nodes.length;
  })(problem, context);
  expect(seen).toBeLessThanOrEqual(nodes.length / 3);
});

test("with a step limit, two runs offer the same placements", () => {
  const offers = (): unknown => run(stageStrategy("lanes"), open("paper-24"), 5).offers;
  expect(offers()).toEqual(offers());
});

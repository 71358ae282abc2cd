import { expect, test } from "vitest";
import type { Cluster } from "../../../src/core/cluster.js";
import { findBottleneck, type BottleneckArc } from "../../../src/planner/graph/bottleneck.js";
import { evaluateHubs, evaluatePlacement } from "../../../src/planner/graph/evaluate-placement.js";
import { buildHubNetwork } from "../../../src/planner/graph/hub-network.js";
import { createRandom } from "../../../src/core/random.js";
import type { PlanningProblem } from "../../../src/planner/problem/problem.js";
import { expectNear } from "../../support/expect-sound-plan.js";
import { randomPlacement, randomProblem } from "../../support/random-problem.js";

/** Clusters whose links are all classes, some of them missing; NICs and the coordinator's links may bind. */
function draw(seed: number): PlanningProblem {
  const problem = randomProblem(seed, { nodes: [4, 14], layers: [3, 6], regions: 3 });
  const { cluster } = problem;
  const random = createRandom(seed);
  const network: Cluster["network"] = {
    byRegion: cluster.network.byRegion.map((row) =>
      row.map(() =>
        random.next() < 0.2
          ? undefined
          : // Thinner than the fastest node now and then.
            { bandwidthBytesPerSecond: (60 + 400 * random.next()) * 1000, latencySeconds: 0 },
      ),
    ),
    exceptions: new Map(),
  };
  return { ...problem, cluster: { ...cluster, network } };
}

const named = (arcs: readonly BottleneckArc[]): readonly string[] =>
  arcs.map(({ kind, from, to, marginal }) => `${kind} ${from} ${to} ${marginal}`).toSorted();

test("hubs carry what all links together carry, over legal links, and have the same bottleneck", () => {
  let carried = 0;
  let refused = 0;
  for (let seed = 0; seed < 400; seed++) {
    const problem = draw(seed);
    const { cluster } = problem;
    const placement = randomPlacement(problem, createRandom(seed));
    const hubs = buildHubNetwork(cluster, placement, problem, 0);
    if (hubs === undefined) {
      refused += 1;
      continue;
    }
    const full = evaluatePlacement(cluster, placement, problem);
    const found = evaluateHubs(cluster, placement, hubs);
    expectNear(found.carried.throughput, full.throughput, 1e-9);
    if (full.throughput > 0) carried += 1;
    const legal = new Map(full.links.map((link) => [`${link.from} ${link.to}`, link.capacity]));
    for (const { from, to, capacity, flow } of found.carried.links) {
      expect(legal.get(`${from} ${to}`)).toBe(capacity);
      expect(flow).toBeLessThanOrEqual(capacity * (1 + 1e-12));
    }
    expect(found.carried.nodeCapacity).toEqual(full.nodeCapacity);
    expect(named(findBottleneck(found.cut))).toEqual(named(findBottleneck(full)));
  }
  expect(carried).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(20);
});

test("no hubs where links are few or one by one", () => {
  const problem = draw(3);
  const { cluster } = problem;
  const placement = cluster.nodes.map((_, node): [number, number] => [node % 2, (node % 2) + 1]);
  const thick = { bandwidthBytesPerSecond: 1e9, latencySeconds: 0 };
  const byRegion = cluster.regions.map(() => cluster.regions.map(() => thick));
  const build = (exceptions: Cluster["network"]["exceptions"], few: number): unknown =>
    buildHubNetwork({ ...cluster, network: { byRegion, exceptions } }, placement, problem, few);
  expect(build(new Map(), 0)).toBeDefined();
  expect(build(new Map([[-1, new Map([[0, thick]])]]), 0)).toBeDefined();
  expect(build(new Map([[0, new Map([[1, thick]])]]), 0)).toBeUndefined();
  expect(build(new Map(), 1000)).toBeUndefined();
});

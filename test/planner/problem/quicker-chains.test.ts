import { expect, test } from "vitest";
import { COORDINATOR, linkBetween, type Cluster } from "../../../src/core/cluster.js";
import type { Placement } from "../../../src/core/placement.js";
import { createRandom } from "../../../src/core/random.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { solveConstrainedFlow } from "../../../src/planner/problem/constrained-flow.js";
import {
  buildOpenNetwork,
  evaluateOpen,
  measureThroughput,
} from "../../../src/planner/problem/measure-throughput.js";
import { findQuickerChains } from "../../../src/planner/problem/quicker-chains.js";
import { UNCONSTRAINED, type PlanningProblem } from "../../../src/planner/problem/problem.js";

/** Machines, equal unless some are said to be slow, with as many in each of two regions as `regions` says. */
function clusterOf(regions: readonly string[], slow: readonly number[] = []): Cluster {
  return resolveCluster("two regions", {
    format: "helix-place/cluster@1",
    name: "two regions",
    model: "qwen-2.5-32b",
    workload: "sharegpt",
    machines: {
      box: { gpu: "L40S", gpus: 2, nic: "10 Gb/s" },
      slow: { gpu: "RTX A6000", gpus: 2, nic: "10 Gb/s" },
    },
    nodes: regions.map((region, at) => {
      const machine = slow.includes(at) ? "slow" : "box";
      return { id: `n${at}`, machine, region };
    }),
    network: {
      withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" },
      acrossRegions: { bandwidth: "10 Gb/s", latency: "20 ms" },
    },
    coordinator: { region: "east", nic: "25 Gb/s" },
    engine: "vllm",
  });
}

const problemOf = (cluster: Cluster): PlanningProblem => ({
  cluster,
  partialInference: true,
  constraints: { ...UNCONSTRAINED, chainsOnly: true },
});

const secondsOf = (cluster: Cluster, links: readonly (readonly [number, number])[]): number =>
  links.reduce((sum, [from, to]) => sum + linkBetween(cluster, from, to)!.latencySeconds, 0);

test("chains that carry the same stay within their region, whatever order nodes are listed in", () => {
  const third = [
    [0, 21],
    [21, 42],
    [42, 64],
  ] as const;
  let quicker = 0;
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = createRandom(seed);
    const order = Array.from({ length: 6 }, (_, at) => at)
      .map((at) => [random.next(), at] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, at]) => at);
    const cluster = clusterOf(order.map((at) => (at < 3 ? "east" : "west")));
    const placement: Placement = order.map((at) => third[at % 3]!);
    const problem = problemOf(cluster);
    const { links, throughput } = evaluateOpen(problem, placement).carried;
    expect(throughput).toBeCloseTo(measureThroughput(problem, placement), 6);
    const inner = links.filter(
      ({ from, to, flow }) => flow > 0 && from !== COORDINATOR && to !== COORDINATOR,
    );
    expect(inner).toHaveLength(4);
    for (const { from, to } of inner)
      expect(cluster.nodes[from]!.region).toBe(cluster.nodes[to]!.region);
    const { built, maxFlow } = solveConstrainedFlow(problem, placement);
    if (findQuickerChains(cluster, placement, built, maxFlow.flow) !== undefined) quicker += 1;
  }
  // Otherwise the flow itself had taken these, and nothing was tried.
  expect(quicker).toBeGreaterThan(5);
});

test("chains of unlike rates stay within their region, where the ends of both carry what either brings", () => {
  let quicker = 0;
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = createRandom(seed);
    // What begins a chain, and what ends it; in the west a slow machine begins.
    const order = ["east 0", "east 1", "west 0", "west 1"]
      .map((name) => [random.next(), name] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, name]) => name);
    const cluster = clusterOf(
      order.map((name) => name.slice(0, 4)),
      [order.indexOf("west 0")],
    );
    const placement: Placement = order.map((name) => (name.endsWith("0") ? [0, 32] : [32, 64]));
    const problem = problemOf(cluster);
    const { links, throughput } = evaluateOpen(problem, placement).carried;
    expect(throughput).toBeCloseTo(measureThroughput(problem, placement), 6);
    const inner = links.filter(
      ({ from, to, flow }) => flow > 0 && from !== COORDINATOR && to !== COORDINATOR,
    );
    expect(new Set(inner.map(({ flow }) => flow)).size).toBe(2);
    for (const { from, to } of inner)
      expect(cluster.nodes[from]!.region).toBe(cluster.nodes[to]!.region);
    const { built, maxFlow } = solveConstrainedFlow(problem, placement);
    if (findQuickerChains(cluster, placement, built, maxFlow.flow) !== undefined) quicker += 1;
  }
  expect(quicker).toBeGreaterThan(3);
});

test("no exchange of two tails is left that is quicker, and no flow is lost", () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = createRandom(seed);
    const cluster = clusterOf(
      Array.from({ length: 8 }, () => (random.next() < 0.5 ? "east" : "west")),
    );
    const placement: Placement = cluster.nodes.map((_, at) => (at % 2 === 0 ? [0, 32] : [32, 64]));
    const problem = problemOf(cluster);
    const { kinds, from, to } = buildOpenNetwork(problem, placement);
    const { throughput } = evaluateOpen(problem, placement).carried;
    expect(throughput).toBeCloseTo(measureThroughput(problem, placement), 6);
    const inner = [...kinds.keys()]
      .filter(
        (arc) => kinds[arc] === "link" && from[arc] !== COORDINATOR && to[arc] !== COORDINATOR,
      )
      .map((arc) => [from[arc]!, to[arc]!] as const);
    expect(inner).toHaveLength(4);
    const now = secondsOf(cluster, inner);
    for (const [one, [a, b]] of inner.entries())
      for (const [other, [c, d]] of inner.entries()) {
        if (one >= other) continue;
        const rest = inner.filter((_, at) => at !== one && at !== other);
        expect(secondsOf(cluster, [...rest, [a, d], [c, b]])).toBeGreaterThanOrEqual(now - 1e-12);
      }
  }
});

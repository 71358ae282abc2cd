import { expect, test } from "vitest";
import { COORDINATOR, linkBetween, machineOf, type Cluster } from "../../../src/core/cluster.js";
import { rateOfLayers } from "../../../src/core/interval-capacity.js";
import { uniformPartition, partCluster } from "../../../src/core/parting.js";
import type { Placement } from "../../../src/core/placement.js";
import { createRandom } from "../../../src/core/random.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { chooseChainLinks } from "../../../src/planner/problem/chain-links.js";
import { measureThroughput } from "../../../src/planner/problem/measure-throughput.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { randomPlacement, randomProblem } from "../../support/random-problem.js";

/** The chain that ends at a node, from its first node to it; undefined where it does not start at the first layer. */
function chainTo(
  placement: Placement,
  before: (node: number) => readonly number[],
  last: number,
): readonly number[] | undefined {
  const chain = [last];
  for (let at = before(last)[0]; at !== undefined; at = before(at)[0]) chain.unshift(at);
  return placement[chain[0]!]![0] === 0 ? chain : undefined;
}

/** Tokens/s of the widest chain of all; Infinity from the coordinator. */
function widest(cluster: Cluster, placement: Placement, from: number): number {
  const end = from === COORDINATOR ? 0 : placement[from]![1];
  const { layers, activationBytes, tokenBytes } = cluster.model;
  const wire = (to: number, bytes: number): number =>
    (linkBetween(cluster, from, to)?.bandwidthBytesPerSecond ?? 0) / bytes;
  if (end === layers) return wire(COORDINATOR, tokenBytes);
  let most = 0;
  placement.forEach((interval, node) => {
    if (interval?.[0] !== end) return;
    const own = rateOfLayers(machineOf(cluster, node).capacity, interval);
    const link = wire(node, from === COORDINATOR ? tokenBytes : activationBytes);
    most = Math.max(most, Math.min(own, link, widest(cluster, placement, node)));
  });
  return most;
}

test("chains are of nodes of their own, layer after layer, and the widest is among them", () => {
  let compared = 0;
  for (let seed = 0; seed < 300; seed++) {
    const problem = randomProblem(seed, { nodes: [3, 9], layers: [2, 5], regions: 2 });
    const network = { ...problem.cluster.network, exceptions: new Map() };
    const cluster = { ...problem.cluster, network };
    const placement = randomPlacement({ ...problem, cluster }, createRandom(seed));
    const before = chooseChainLinks(cluster, placement)!;
    const next = new Set<number>();
    let most = 0;
    placement.forEach((interval, node) => {
      for (const previous of before(node)) {
        expect(placement[previous]![1]).toBe(interval![0]);
        expect(next.has(previous)).toBe(false);
        next.add(previous);
      }
      if (interval === null || interval[1] !== cluster.model.layers) return;
      const chain = chainTo(placement, before, node);
      if (chain === undefined) return;
      const widths = chain.map((at) =>
        rateOfLayers(machineOf(cluster, at).capacity, placement[at]!),
      );
      const { activationBytes, tokenBytes } = cluster.model;
      const wires = [COORDINATOR, ...chain].map((from, at) => {
        const to = chain[at] ?? COORDINATOR;
        const bytes = from === COORDINATOR || to === COORDINATOR ? tokenBytes : activationBytes;
        return (linkBetween(cluster, from, to)?.bandwidthBytesPerSecond ?? 0) / bytes;
      });
      most = Math.max(most, Math.min(...widths, ...wires));
    });
    const best = widest(cluster, placement, COORDINATOR);
    expect(most, `seed ${seed}`).toBeCloseTo(best, 6);
    if (best > 0) compared += 1;
  }
  expect(compared).toBeGreaterThan(100);
});

test("of thousands of parts chains are chosen, within machines where they can be", () => {
  const whole = resolveCluster("cluster.json", {
    format: "helix-place/cluster@1",
    name: "many",
    model: "llama-3-70b",
    tensorParallel: "auto",
    machines: { box: { gpu: "L40S", gpus: 8, nic: "25 Gb/s" } },
    nodes: [{ id: "box", machine: "box", count: 300, region: "r" }],
    network: { withinRegion: { bandwidth: "25 Gb/s", latency: "0.2 ms" } },
    coordinator: { region: "r" },
  });
  const cluster = partCluster(whole, uniformPartition(whole.parting!, 1));
  // Eight stages of ten layers: the cards of a machine hold all of them, in any order.
  const placement = cluster.nodes.map(({ part }): [number, number] => {
    const stage = (part!.first * 3 + part!.host) % 8;
    return [10 * stage, 10 * stage + 10];
  });
  const before = chooseChainLinks(cluster, placement)!;
  placement.forEach((interval, node) => {
    if (interval[0] === 0) return;
    expect(cluster.nodes[before(node)[0]!]!.part!.host).toBe(cluster.nodes[node]!.part!.host);
  });
  const constraints = { ...UNCONSTRAINED, chainsOnly: true };
  const rate = rateOfLayers(machineOf(cluster, 0).capacity, [0, 10]);
  const carried = measureThroughput({ cluster, partialInference: true, constraints }, placement);
  expect(carried).toBeCloseTo(300 * rate, 3);
});

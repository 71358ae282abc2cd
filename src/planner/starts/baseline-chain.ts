import { largest } from "../../core/extremes.js";
import { machineOf, type Cluster } from "../../core/cluster.js";
import type { BaselineOutcome } from "./baseline.js";
import type { LayerInterval } from "../../core/placement.js";
import type { Chain } from "../problem/chain.js";

/**
 * The fastest single pipeline through the nodes, in their order: the largest F with
 * Σ max{k : T(k) ≥ F} ≥ L; layers to spare are given back one at a time by the node whose T gains
 * least from keeping few (the one that holds most). `undefined` when they cannot hold the model.
 * O(nodes + types · K · log(types · K)) and a look at every node per layer to spare.
 */
export function fastestChain(cluster: Cluster, nodes: readonly number[]): Chain | undefined {
  const { layers } = cluster.model;
  const countOf = new Map<number, number>();
  for (const node of nodes) {
    const { machine } = cluster.nodes[node]!;
    countOf.set(machine, (countOf.get(machine) ?? 0) + 1);
  }
  const types = [...countOf].map(([machine, count]) => {
    const speeds = cluster.machines[machine]!.capacity.tokensPerSecond;
    return { machine, count, speeds };
  });
  const most = (speeds: readonly number[], floor: number): number =>
    speeds.findLastIndex((speed) => speed >= floor) + 1;
  const holds = (floor: number): boolean =>
    types.reduce((sum, { count, speeds }) => sum + count * most(speeds, floor), 0) >= layers;
  const floors = [...new Set(types.flatMap(({ speeds }) => speeds))].sort((a, b) => b - a);
  // The lower the floor, the more they hold.
  let first = 0;
  for (let end = floors.length; first < end;) {
    const middle = (first + end) >> 1;
    if (holds(floors[middle]!)) end = middle;
    else first = middle + 1;
  }
  const floor = floors[first];
  if (floor === undefined) return undefined;
  const mostOf = new Map(types.map(({ machine, speeds }) => [machine, most(speeds, floor)]));
  const counts = nodes.map((node) => mostOf.get(cluster.nodes[node]!.machine)!);
  let surplus = counts.reduce((sum, count) => sum + count, 0) - layers;
  while (surplus > 0) {
    const longest = counts.indexOf(largest(counts));
    counts[longest]! -= 1;
    surplus -= 1;
  }
  return lineUp(cluster, nodes, counts);
}

/**
 * Homogeneous chain: all nodes in their order, each with the same number of layers (or one more).
 */
export function placeHomogeneously(cluster: Cluster): BaselineOutcome {
  const { layers } = cluster.model;
  const nodes = cluster.nodes.map((_, node) => node);
  const used = Math.min(nodes.length, layers);
  const share = Math.floor(layers / used);
  const larger = layers - share * used;
  const counts = nodes.map((node) => (node >= used ? 0 : node < larger ? share + 1 : share));
  const short = nodes.find((node) => counts[node]! > machineOf(cluster, node).capacity.maxLayers);
  if (short !== undefined) {
    const { capacity, name } = machineOf(cluster, short);
    return {
      kind: "impossible",
      reason: `equal shares are ${counts[short]} layers a node; a ${name} holds ${capacity.maxLayers}`,
    };
  }
  const placement: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  for (const [node, interval] of lineUp(cluster, nodes, counts).intervals)
    placement[node] = interval;
  return { kind: "placement", placement, notes: [] };
}

function lineUp(cluster: Cluster, nodes: readonly number[], counts: readonly number[]): Chain {
  let start = 0;
  let slowest = Infinity;
  const intervals: (readonly [number, LayerInterval])[] = [];
  nodes.forEach((node, at) => {
    const count = counts[at]!;
    if (count === 0) return;
    intervals.push([node, [start, start + count]]);
    start += count;
    slowest = Math.min(slowest, machineOf(cluster, node).capacity.tokensPerSecond[count - 1]!);
  });
  return { intervals, tokensPerSecond: slowest };
}

import { machineOf, type Cluster } from "../cluster/cluster.js";
import type { BaselineOutcome } from "./baseline.js";
import type { LayerInterval } from "./placement.js";

/** One pipeline through some nodes: their intervals, in their order, and the slowest T. */
export interface Chain {
  readonly intervals: readonly (readonly [node: number, interval: LayerInterval])[];
  readonly tokensPerSecond: number;
}

/**
 * The fastest single pipeline through the nodes, in their order: the largest F with
 * Σ max{k : T(k) ≥ F} ≥ L; layers to spare are given back one at a time by the node whose T gains
 * least from keeping few (the one that holds most). `undefined` when they cannot hold the model.
 * O(nodes · K · log).
 */
export function fastestChain(cluster: Cluster, nodes: readonly number[]): Chain | undefined {
  const { layers } = cluster.model;
  const speedsOf = (node: number): readonly number[] =>
    machineOf(cluster, node).capacity.tokensPerSecond;
  const most = (node: number, floor: number): number =>
    speedsOf(node).findLastIndex((speed) => speed >= floor) + 1;
  const floors = [...new Set(nodes.flatMap((node) => [...speedsOf(node)]))].sort((a, b) => b - a);
  const holds = (floor: number): boolean =>
    nodes.reduce((sum, node) => sum + most(node, floor), 0) >= layers;
  const floor = floors.find(holds);
  if (floor === undefined) return undefined;
  const counts = nodes.map((node) => most(node, floor));
  let surplus = counts.reduce((sum, count) => sum + count, 0) - layers;
  while (surplus > 0) {
    const largest = counts.indexOf(Math.max(...counts));
    counts[largest]! -= 1;
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

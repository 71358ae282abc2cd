import { largest } from "../../core/extremes.js";
import { COORDINATOR, linkBetween, type Cluster } from "../../core/cluster.js";
import { groupByRegion, type RegionClass } from "../problem/machine-classes.js";
import { truncatedSumBound } from "../coverings/compute-bounds.js";
import { crossingCapacity, type CrossingCapacity } from "../graph/region-crossing.js";
import type { RegionMap } from "../graph/region-detection.js";

/** What the network-aware bounds see of a cluster: classes of nodes, and what crosses between regions. */
export interface NetworkModel {
  readonly layers: number;
  readonly regionCount: number;
  readonly classes: readonly RegionClass[];
  /** Nodes of a region that can hold layers. */
  readonly nodeCounts: readonly number[];
  /** Layers a region can hold in all. */
  readonly memory: readonly number[];
  /** `crossings[from][to]`, undefined where no link leads over. */
  readonly crossings: readonly (readonly (CrossingCapacity | undefined)[])[];
  /** `together[r][q]`: tokens/s over all links between r and q, of each pair of nodes the better direction. */
  readonly together: readonly (readonly number[])[];
  /** Per class: tokens/s that the best link at any of its nodes carries, to or from another node. */
  readonly bestLink: readonly number[];
}

export interface RegionPair {
  readonly from: number;
  readonly to: number;
  readonly capacity: CrossingCapacity;
}

/** Valid for any partition of the nodes into regions; a good one makes the bounds tight. */
export function describeNetwork(
  cluster: Cluster,
  regions: RegionMap,
  drained: ReadonlySet<number>,
): NetworkModel {
  const classes = groupByRegion(cluster, regions, drained);
  const members: number[][] = Array.from({ length: regions.count }, () => []);
  const memory = Array.from({ length: regions.count }, () => 0);
  for (const { region, nodes, options } of classes) {
    for (const node of nodes) members[region]!.push(node);
    memory[region]! += nodes.length * options.at(-1)!.layers;
  }
  const crossings = members.map((from, tail) =>
    members.map((to, head) => {
      if (tail === head || from.length === 0 || to.length === 0) return undefined;
      return crossingCapacity(cluster, from, to);
    }),
  );
  return {
    layers: cluster.model.layers,
    regionCount: regions.count,
    classes,
    nodeCounts: members.map((nodes) => nodes.length),
    memory,
    crossings,
    together: members.map((from, tail) =>
      members.map((to, head) => (tail === head ? Infinity : betterLinks(cluster, from, to))),
    ),
    bestLink: classes.map(({ nodes }) => bestLinkAt(cluster, nodes)),
  };
}

/** The pairs of regions with a link, in order. */
export function listCrossings(model: NetworkModel): readonly RegionPair[] {
  return model.crossings.flatMap((row, from) =>
    row.flatMap((capacity, to) => (capacity === undefined ? [] : [{ from, to, capacity }])),
  );
}

/** Layers that a set of regions (bit mask) can hold in all. */
export function memoryWithin(model: NetworkModel, set: number): number {
  return model.memory.reduce((sum, memory, r) => sum + (isWithin(set, r) ? memory : 0), 0);
}

/** The classes of the regions in a set. */
export function classesWithin(model: NetworkModel, set: number): readonly RegionClass[] {
  return model.classes.filter(({ region }) => isWithin(set, region));
}

/**
 * The truncated compute sum of a set of regions by itself: tokens whose way stays within a set are a
 * flow that its nodes carry alone. 0 when they cannot hold the model.
 */
export function boundWithin(model: NetworkModel, set: number): number {
  return truncatedSumBound(classesWithin(model, set), model.layers);
}

function isWithin(set: number, region: number): boolean {
  return ((set >> region) & 1) === 1;
}

/** Above so many pairs the best link at a class is taken to be unlimited. */
const MAX_PAIRS = 250_000;

/** Σ over pairs of nodes of the better of their two links: ends differ, so only one of them is legal. */
function betterLinks(cluster: Cluster, from: readonly number[], to: readonly number[]): number {
  if (from.length * to.length > MAX_PAIRS) return Infinity;
  let sum = 0;
  for (const tail of from) {
    for (const head of to) {
      const there = linkBetween(cluster, tail, head)?.bandwidthBytesPerSecond ?? 0;
      const back = linkBetween(cluster, head, tail)?.bandwidthBytesPerSecond ?? 0;
      sum += Math.max(there, back);
    }
  }
  return sum / cluster.model.activationBytes;
}

function bestLinkAt(cluster: Cluster, nodes: readonly number[]): number {
  const all = cluster.nodes.length;
  if (nodes.length * all > MAX_PAIRS) return Infinity;
  let best = 0;
  for (const node of nodes) {
    for (let other = 0; other < all; other++) {
      const there = linkBetween(cluster, node, other)?.bandwidthBytesPerSecond ?? 0;
      const back = linkBetween(cluster, other, node)?.bandwidthBytesPerSecond ?? 0;
      best = Math.max(best, there, back);
    }
  }
  return best / cluster.model.activationBytes;
}

/**
 * Cut at the coordinator: what its NIC and the links to (from) the nodes pass, each of those no more
 * than its node can take. Tokens/s, never too low. O(nodes).
 */
export function coordinatorCut(cluster: Cluster): number {
  const { tokenBytes } = cluster.model;
  let out = 0;
  let back = 0;
  cluster.nodes.forEach(({ machine }, node) => {
    const { nicBytesPerSecond, capacity } = cluster.machines[machine]!;
    const most = largest(capacity.tokensPerSecond, 0);
    const passed = (bandwidth: number): number =>
      Math.min(most, Math.min(bandwidth, nicBytesPerSecond) / tokenBytes);
    out += passed(linkBetween(cluster, COORDINATOR, node)?.bandwidthBytesPerSecond ?? 0);
    back += passed(linkBetween(cluster, node, COORDINATOR)?.bandwidthBytesPerSecond ?? 0);
  });
  return Math.min(cluster.coordinator.nicBytesPerSecond / tokenBytes, out, back) * (1 + 1e-9);
}

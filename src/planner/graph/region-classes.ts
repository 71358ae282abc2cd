import { machineOf, type Cluster } from "../../core/cluster.js";
import type { RegionMap } from "./region-detection.js";

/** What a node can do when it holds so many layers. */
export interface RegionOption {
  readonly layers: number;
  /** Tokens/s: T(k), or what its NIC lets through where that is less. > 0. */
  readonly rate: number;
}

/** Nodes of one machine type in one region. */
export interface RegionClass {
  readonly region: number;
  /** Node indices, ascending. Length ≥ 1. */
  readonly nodes: readonly number[];
  /** By layers, ascending; options that another one with more layers at no lower rate beats are left out. */
  readonly options: readonly RegionOption[];
}

/**
 * Groups the nodes that may hold layers by machine type and region. A node short of the whole model
 * takes in or gives out activations, so its rate is at most NIC / activationBytes. O(nodes).
 */
export function groupByRegion(
  cluster: Cluster,
  regions: RegionMap,
  drained: ReadonlySet<number>,
): readonly RegionClass[] {
  const nodesByKey = new Map<string, number[]>();
  cluster.nodes.forEach(({ machine }, node) => {
    if (drained.has(node)) return;
    const key = `${regions.regionOf[node]} ${machine}`;
    const members = nodesByKey.get(key);
    if (members === undefined) nodesByKey.set(key, [node]);
    else members.push(node);
  });
  return [...nodesByKey.values()]
    .map((nodes) => ({
      region: regions.regionOf[nodes[0]!]!,
      nodes,
      options: listOptions(cluster, nodes[0]!),
    }))
    .filter(({ options }) => options.length > 0);
}

function listOptions(cluster: Cluster, node: number): readonly RegionOption[] {
  const { layers: modelLayers, activationBytes, tokenBytes } = cluster.model;
  const { capacity, nicBytesPerSecond } = machineOf(cluster, node);
  const options: RegionOption[] = [];
  let best = 0;
  for (let layers = Math.min(capacity.maxLayers, modelLayers); layers >= 1; layers--) {
    const bytes = layers === modelLayers ? tokenBytes : activationBytes;
    const rate = Math.min(capacity.tokensPerSecond[layers - 1] ?? 0, nicBytesPerSecond / bytes);
    if (rate <= best) continue;
    best = rate;
    options.push({ layers, rate });
  }
  return options.reverse();
}

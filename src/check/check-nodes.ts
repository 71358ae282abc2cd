import { COORDINATOR, machineOf, type Cluster } from "../core/cluster.js";
import type { LayerInterval } from "../core/placement.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { nearlyEqual } from "../core/tolerance.js";
import type { Fail } from "./failure.js";

/** The nodes of a placement file, brought into the cluster's order. */
export interface CheckedNodes {
  readonly intervals: readonly (LayerInterval | null)[];
  /** T(k) by node; 0 where empty. */
  readonly computeCapacity: Float64Array;
  /** Flow the file claims by node. */
  readonly claimedFlow: Float64Array;
  /** Id → index, the coordinator included. */
  readonly indexOf: ReadonlyMap<string, number>;
}

/** Every node once, intervals legal and within memory, capacities and KV as the cluster gives them. */
export function checkNodes(cluster: Cluster, file: PlacementFile, fail: Fail): CheckedNodes {
  const indexOf = new Map(cluster.nodes.map((node, index) => [node.id, index]));
  const intervals = Array.from<LayerInterval | null>({ length: cluster.nodes.length }).fill(null);
  const computeCapacity = new Float64Array(cluster.nodes.length);
  const claimedFlow = new Float64Array(cluster.nodes.length);
  const seen = new Set<number>();
  file.nodes.forEach((entry, position) => {
    const path = `nodes[${position}]`;
    const node = indexOf.get(entry.id);
    if (node === undefined) return fail(`${path}.id`, `the cluster has no node "${entry.id}"`);
    if (seen.has(node)) return fail(`${path}.id`, `node "${entry.id}" stands here a second time`);
    seen.add(node);
    claimedFlow[node] = entry.flow;
    const { capacity } = machineOf(cluster, node);
    if (entry.layers === null) {
      if (entry.flow !== 0 || entry.capacity !== 0) {
        fail(path, `"${entry.id}" holds no layers and yet has capacity or flow`);
      }
      return undefined;
    }
    const [start, end] = entry.layers;
    if (start < 0 || start >= end || end > cluster.model.layers) {
      return fail(
        `${path}.layers`,
        `[${start}, ${end}) is no interval of ${cluster.model.layers} layers`,
      );
    }
    const held = end - start;
    // Where layers differ, each start has a row of its own.
    const { byInterval } = capacity;
    const room = byInterval === undefined ? capacity.maxLayers : byInterval.mostFrom[start]!;
    if (held > room) {
      const from = byInterval === undefined ? "" : ` from layer ${start} on`;
      return fail(
        `${path}.layers`,
        `"${entry.id}" would hold ${held} layers; it has room for ${room}${from}`,
      );
    }
    intervals[node] = entry.layers;
    computeCapacity[node] = (byInterval?.tokensPerSecond[start] ?? capacity.tokensPerSecond)[
      held - 1
    ]!;
    if (!nearlyEqual(entry.capacity, computeCapacity[node])) {
      fail(
        `${path}.capacity`,
        `${entry.capacity} tokens/s; with ${held} layers it computes ${computeCapacity[node]}`,
      );
    }
    const kv = (byInterval?.kvCacheTokens[start] ?? capacity.kvCacheTokens)?.[held - 1];
    if (
      entry.kvCacheTokens !== undefined &&
      kv !== undefined &&
      !nearlyEqual(entry.kvCacheTokens, kv)
    ) {
      fail(
        `${path}.kvCacheTokens`,
        `${entry.kvCacheTokens}; with ${held} layers there is room for ${kv}`,
      );
    }
    return undefined;
  });
  cluster.nodes.forEach((node, index) => {
    if (!seen.has(index)) fail("nodes", `node "${node.id}" of the cluster is missing`);
  });
  return {
    intervals,
    computeCapacity,
    claimedFlow,
    indexOf: indexOf.set("coordinator", COORDINATOR),
  };
}

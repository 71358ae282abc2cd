import type { Cluster } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";

/** Nodes of one machine type that hold the same layers. */
export interface NodeGroup {
  /** Index into the cluster's machines. */
  readonly machine: number;
  readonly layers: readonly [start: number, end: number] | null;
  readonly ids: readonly string[];
  /** Sums over the nodes, tokens/s. */
  readonly capacity: number;
  readonly flow: number;
}

/** The groups of a placement, by first layer, then last; empty nodes at the end. O(nodes). */
export function groupNodes(cluster: Cluster, file: PlacementFile): readonly NodeGroup[] {
  const groups = new Map<string, NodeGroup & { ids: string[]; capacity: number; flow: number }>();
  const machineOf = new Map(cluster.nodes.map((node) => [node.id, node.machine]));
  for (const node of file.nodes) {
    const machine = machineOf.get(node.id)!;
    const key = `${machine} ${node.layers?.join(" ") ?? "empty"}`;
    let group = groups.get(key);
    if (group === undefined) {
      group = { machine, layers: node.layers, ids: [], capacity: 0, flow: 0 };
      groups.set(key, group);
    }
    group.ids.push(node.id);
    group.capacity += node.capacity;
    group.flow += node.flow;
  }
  return [...groups.values()].sort((a, b) => compareLayers(a.layers, b.layers));
}

function compareLayers(a: NodeGroup["layers"], b: NodeGroup["layers"]): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return a[0] - b[0] || a[1] - b[1];
}

import { hostOf, type Cluster } from "../../core/cluster.js";

/** The nodes of every machine: itself, or its parts. */
export function listMachines(cluster: Cluster): readonly (readonly number[])[] {
  const machines = new Map<number, number[]>();
  cluster.nodes.forEach((_, node) => {
    const host = hostOf(cluster, node);
    // Machines of their own come before those with parts, by node.
    const key = host < 0 ? node : cluster.nodes.length + host;
    const known = machines.get(key);
    if (known === undefined) machines.set(key, [node]);
    else known.push(node);
  });
  return [...machines.values()];
}

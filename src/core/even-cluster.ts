import type { Capacity } from "./capacity.js";
import type { Cluster } from "./cluster.js";
import { bestCase, worstCase } from "./interval-capacity.js";

/** Whether what a node can do depends on which layers it holds, not on how many alone. */
export function layersDiffer(cluster: Cluster): boolean {
  return cluster.machines.some(({ capacity }) => capacity.byInterval !== undefined);
}

/** The cluster as if machines did with any k layers the best that they do with some: bounds stay bounds. */
export function bestCaseCluster(cluster: Cluster): Cluster {
  return withCapacities(cluster, bestCase);
}

/** The cluster by what machines can do with k layers wherever they lie: what is found fits. */
export function worstCaseCluster(cluster: Cluster): Cluster {
  return withCapacities(cluster, worstCase);
}

function withCapacities(cluster: Cluster, change: (capacity: Capacity) => Capacity): Cluster {
  const machines = cluster.machines.map((machine) => ({
    ...machine,
    capacity: change(machine.capacity),
  }));
  return { ...cluster, machines };
}

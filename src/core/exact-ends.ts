import type { Cluster } from "./cluster.js";
import { capacityByInterval, holdsLayers } from "./interval-capacity.js";
import type { Placement } from "./placement.js";

/**
 * The cluster with embedding and head charged to those alone that hold the first and the last layer, its
 * figures by interval; undefined where that changes nothing. O(machine types · intervals).
 */
export function chargeEndsExactly(cluster: Cluster): Cluster | undefined {
  if (cluster.machines.every(({ capacity }) => capacity.exactEnds === undefined)) return undefined;
  const machines = cluster.machines.map((machine) => {
    const { exactEnds, inMix, ...plain } = machine.capacity;
    if (exactEnds === undefined) return machine;
    const notes = [...(plain.notes ?? []), "embedding and head charged to who holds them alone"];
    const capacity = { ...plain, ...capacityByInterval(exactEnds), notes };
    if (inMix?.exactEnds === undefined) return { ...machine, capacity };
    const { tokensPerSecond } = capacityByInterval(inMix.exactEnds);
    const before = { tokensPerSecond, byInterval: inMix.exactEnds };
    return { ...machine, capacity: { ...capacity, inMix: before } };
  });
  return { ...cluster, machines };
}

/**
 * The cluster by whose figures a placement was made: ends are charged exactly where a node holds layers that
 * it could not hold with both of them.
 */
export function clusterHolding(cluster: Cluster, placement: Placement): Cluster {
  const beyond = placement.some((interval, node) => {
    const at = cluster.nodes[node]?.machine;
    if (interval === null || at === undefined) return false;
    const { capacity } = cluster.machines[at]!;
    return capacity.exactEnds !== undefined && !holdsLayers(capacity, interval);
  });
  return (beyond ? chargeEndsExactly(cluster) : undefined) ?? cluster;
}

import type { Cluster, Link } from "../../../core/cluster.js";
import type { Engine } from "../../../engines/engine.js";
import type { ServiceLimits } from "../limits.js";
import { createTrialMemory, type TrialMemory } from "./chain-rates.js";

/** What trials have shown in plans of several clusters: alike machines in other numbers make the same chains. */
export interface TrialMemories {
  /** That of a cluster whose chains serve alike, or else a new one. O(machine types · layers). */
  of(cluster: Cluster, engine: Engine, within: ServiceLimits | undefined): TrialMemory;
}

/** So many clusters' are kept: each is found by all that its machines can do. */
const MOST_KEPT = 16;

export function createTrialMemories(): TrialMemories {
  const known = new Map<string, TrialMemory>();
  return {
    of(cluster, engine, within) {
      const fresh = createTrialMemory(cluster, engine);
      const key = describeChains({ ...cluster, machines: fresh.machines }, engine, within);
      const memory = known.get(key) ?? fresh;
      known.delete(key);
      known.set(key, memory);
      for (const oldest of [...known.keys()].slice(0, -MOST_KEPT)) known.delete(oldest);
      return memory;
    },
  };
}

/**
 * All that decides what a chain of these machines, at their saturated rates, serves beside what `describeLikeness` tells apart. Links of
 * a machine's own are told apart there by names, which another cluster may give to other machines, so they stand here with the nodes.
 */
function describeChains(cluster: Cluster, engine: Engine, within: ServiceLimits | undefined) {
  const { model, workload, regions, network, coordinator, parting } = cluster;
  // What a machine does beside others of its mix decides nothing here.
  const machines = cluster.machines.map((machine) => {
    const { inMix: _, ...capacity } = machine.capacity;
    return { ...machine, capacity };
  });
  const own = network.exceptions.size > 0 || (parting?.exceptions.size ?? 0) > 0;
  const wires = new Set(
    parting?.boxes.map((box) =>
      box.kind === "node"
        ? ""
        : JSON.stringify([
            box.host.nicBytesPerSecond,
            box.host.interconnect,
            box.rows.map(({ first, count, degrees }) => [first, count, ...degrees]),
          ]),
    ),
  );
  const given = { model, workload, machines, regions, network: network.byRegion, coordinator };
  const links = own
    ? [cluster.nodes, listOwn(network.exceptions), listOwn(parting?.exceptions ?? new Map())]
    : [];
  return JSON.stringify([given, engine, within, [...wires].sort(), links]);
}

function listOwn(links: ReadonlyMap<number, ReadonlyMap<number, Link | undefined>>) {
  return [...links].map(([from, to]) => [from, ...to]);
}

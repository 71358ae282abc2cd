import type { PlacementNetwork } from "./placement-network.js";

/** The network without the links that carry no flow; nodes, NICs and their capacities stay. O(arcs). */
export function keepCarryingLinks(
  { network, kinds, from, to }: PlacementNetwork,
  flow: Float64Array,
): PlacementNetwork {
  const kept = [...kinds.keys()].filter((arc) => kinds[arc] !== "link" || flow[arc]! > 0);
  return {
    network: {
      ...network,
      tail: Int32Array.from(kept, (arc) => network.tail[arc]!),
      head: Int32Array.from(kept, (arc) => network.head[arc]!),
      capacity: Float64Array.from(kept, (arc) => network.capacity[arc]!),
    },
    kinds: kept.map((arc) => kinds[arc]!),
    from: Int32Array.from(kept, (arc) => from[arc]!),
    to: Int32Array.from(kept, (arc) => to[arc]!),
  };
}
